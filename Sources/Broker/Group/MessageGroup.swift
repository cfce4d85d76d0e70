/// Messages that have something in common.
public struct MessageGroup: Sendable, Equatable {
    /// What it is, as text; nil for those that do not have it.
    public let key: String?
    public internal(set) var messages: Int
    /// Of their bodies.
    public internal(set) var bytes: Int
    /// When the first and the last of them joined the queue, in milliseconds since 1970.
    public internal(set) var firstSeenMilliseconds: UInt64
    public internal(set) var lastSeenMilliseconds: UInt64
    /// One of them.
    public let sample: MessageID

    mutating func add(_ other: MessageGroup) {
        messages += other.messages
        bytes += other.bytes
        firstSeenMilliseconds = min(firstSeenMilliseconds, other.firstSeenMilliseconds)
        lastSeenMilliseconds = max(lastSeenMilliseconds, other.lastSeenMilliseconds)
    }
}
