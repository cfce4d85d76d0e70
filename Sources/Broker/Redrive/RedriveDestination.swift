/// Where messages are moved to.
public enum RedriveDestination: Sendable, Equatable {
    /// Which of a message's deaths says where it had been.
    public enum Death: String, Sendable, CaseIterable {
        case newest
        case oldest
    }

    /// To the exchange that it had been published to before it died, with the keys that it had: all queues that are bound get
    /// it again.
    case original(Death)
    /// Straight to the queue that it died in.
    case originalQueue(Death)
    /// To an exchange; without a key, each message keeps its own.
    case exchange(String, routingKey: String?)
    /// Straight to a queue.
    case queue(String)
    /// To the virtual host's bin, from where they can be restored until the time is over, in milliseconds; then they are gone.
    case bin(graceMilliseconds: UInt64)
    /// From the bin back to the queue that they were deleted from.
    case deletedFrom
    /// From where a task has moved them back to the queue where it had found them.
    case undone(queue: String)

    /// A year.
    public static let graceMillisecondsMax: UInt64 = 31_536_000_000

    /// What it is to move messages there.
    public var action: RedriveTask.Action {
        switch self {
        case .original, .originalQueue, .exchange, .queue: .move
        case .bin: .delete
        case .deletedFrom: .restore
        case .undone: .undo
        }
    }
}
