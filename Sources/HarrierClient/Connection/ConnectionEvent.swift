/// Something that the broker does to a connection without having been asked.
public enum ConnectionEvent: Sendable {
    /// The broker takes no publishes for now, for the reason given (connection.blocked): it is short of memory or disk.
    /// What is published meanwhile is not confirmed before it has recovered.
    case blocked(reason: String)
    /// Publishes are taken again.
    case unblocked
    /// The connection is over; `nil` if this side has closed it.
    case closed(AMQPClientError?)
}
