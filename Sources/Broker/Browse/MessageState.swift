/// How a message stands in its queue.
public enum MessageState: String, Sendable, CaseIterable {
    /// Waits for a consumer.
    case ready
    /// Handed to a consumer. Dead letters that are about to move count as well.
    case unacked
    /// Has come back, and waits for its delay to be over (`x-delayed-retry-…`).
    case delayed
    /// A dead letter that nobody takes.
    case undeliverable
}

/// Some of the states.
public struct MessageStates: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let ready = MessageStates(rawValue: 1)
    public static let unacked = MessageStates(rawValue: 2)
    public static let delayed = MessageStates(rawValue: 4)
    public static let undeliverable = MessageStates(rawValue: 8)
    public static let all: MessageStates = [.ready, .unacked, .delayed, .undeliverable]

    public init(_ state: MessageState) {
        self =
            switch state {
            case .ready: .ready
            case .unacked: .unacked
            case .delayed: .delayed
            case .undeliverable: .undeliverable
            }
    }
}
