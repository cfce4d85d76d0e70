/// Why a message stays where it is.
public enum RedriveCause: String, Sendable, CaseIterable {
    case noDeath = "no_death"
    case noExchange = "no_exchange"
    case noQueue = "no_queue"
    case unroutable
    case refused
    case notAllowed = "not_allowed"
    case redrivenTooOften = "redriven_too_often"
    case unreadable
    case beingEdited = "being_edited"

    /// For people.
    public var explanation: String {
        switch self {
        case .noDeath: "its headers tell of no death, so nobody knows where it had been"
        case .noExchange: "the exchange is not there"
        case .noQueue: "the queue is not there"
        case .unroutable: "no queue behind the exchange wants it"
        case .refused: "a queue is full"
        case .notAllowed: "the user may not write there"
        case .redrivenTooOften: "it has been moved back too often already (x-redriven-count)"
        case .unreadable: "its properties can't be read"
        case .beingEdited: "an edited copy of it is under way, with which it will go"
        }
    }
}
