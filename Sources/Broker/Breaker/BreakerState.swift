/// What can be told of a queue's flood breaker (`DeadLetterBreakerPolicy`) at a moment.
public struct BreakerState: Sendable {
    public let policy: DeadLetterBreakerPolicy
    /// When deliveries were paused, in milliseconds since 1970; nil while they are not.
    public let openedAtMilliseconds: UInt64?
    /// When they go on by themselves; nil if they do not.
    public let resumesAtMilliseconds: UInt64?
    /// Rejected in the window that was too much, and of what was handed out before since then.
    public let rejectedCount: UInt64

    public var isOpen: Bool { openedAtMilliseconds != nil }
}

/// Why a breaker is not closed.
public enum BreakerError: Error, Equatable, CustomStringConvertible {
    case notOpen

    public var description: String { "deliveries of the queue are not paused" }
}
