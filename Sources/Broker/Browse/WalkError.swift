/// Why a walk over a queue's messages has ended before its end.
public enum WalkError: Error, Equatable, CustomStringConvertible {
    /// The queue has been deleted.
    case queueDeleted
    /// The broker is closing.
    case brokerClosed
    /// `WalkScheduler.walksMax` are under way: try again later.
    case tooManyWalks
    /// The cursor is no place in this queue.
    case badCursor

    public var description: String {
        switch self {
        case .queueDeleted: "the queue has been deleted"
        case .brokerClosed: "the broker is closing"
        case .tooManyWalks: "\(WalkScheduler.walksMax) looks into queues are under way already: try again later"
        case .badCursor: "the cursor is no place in this queue"
        }
    }
}
