import AMQPProtocol

/// What a caller that waits is woken with.
enum Reply: Sendable {
    case method(Method)
    case message(Delivery)
    /// It was sent, confirmed or closed: there is nothing to say.
    case done
}
