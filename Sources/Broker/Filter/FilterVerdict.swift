/// What a filter says of a message.
enum FilterVerdict: Equatable {
    case yes
    case no
    /// A limit has left it open (`FilterLimits`).
    case undecided

    init(_ isYes: Bool) { self = isYes ? .yes : .no }

    /// What is open stays open.
    var negated: FilterVerdict {
        switch self {
        case .yes: .no
        case .no: .yes
        case .undecided: .undecided
        }
    }
}
