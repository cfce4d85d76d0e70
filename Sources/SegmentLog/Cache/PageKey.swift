/// Names a page of whatever kind in the page cache.
struct PageKey: Hashable {
    enum Kind: UInt64 {
        /// A page of the segment log, by its number.
        case log = 0
        /// A page of the transient log, by its number.
        case transient = 1
        /// A page of an index, by the address of what describes it.
        case index = 2
    }

    private static let kindShift: UInt64 = 62

    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ kind: Kind, _ number: UInt64) {
        precondition(number >> Self.kindShift == 0)
        rawValue = kind.rawValue << Self.kindShift | number
    }

    var kind: Kind {
        guard let kind = Kind(rawValue: rawValue >> Self.kindShift) else { preconditionFailure("no such kind of page") }
        return kind
    }
    var number: UInt64 { rawValue & (1 << Self.kindShift - 1) }
}
