/// Why a message is not edited.
public enum EditError: Error, Equatable, CustomStringConvertible {
    /// What was asked for can't be.
    case badRequest(String)
    case messageUnknown
    /// It is not ready, nor undeliverable.
    case wrongState(MessageState)
    /// An edited copy of it has been published and not acknowledged yet.
    case underWay(edit: UInt64, copies: [String])
    /// The copy can't be published where it is to go.
    case cannotGo(RedriveCause)
    /// So many edits are under way: `MessageEdits.underWayMax`.
    case tooMany
    case walk(WalkError)

    public var description: String {
        switch self {
        case .badRequest(let reason): reason
        case .messageUnknown: "there is no such message in the queue"
        case .wrongState(let state): "the message is \(state.rawValue): only ready and undeliverable ones can be edited"
        case .underWay(let edit, let copies):
            "the message has been edited already (edit \(edit)), and the edited copy has not been acknowledged yet"
                + (copies.isEmpty ? "" : ": it is in " + copies.map { "queue '\($0)'" }.joined(separator: ", "))
        case .cannotGo(let cause): "the edited copy can't be published: \(cause.explanation)"
        case .tooMany: "\(MessageEdits.underWayMax) edits are under way already"
        case .walk(let error): "\(error)"
        }
    }
}
