/// A queue as the broker knows it (queue.declare-ok).
public struct DeclaredQueue: Hashable, Sendable {
    /// Its name: the one asked for, or the one that the broker made up.
    public let name: String
    /// Messages that are ready, without those that wait for acknowledgement.
    public let messageCount: Int
    public let consumerCount: Int
}
