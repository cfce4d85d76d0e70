import AMQPProtocol

/// What the broker says, one event for each method, message or heartbeat.
enum InboundEvent {
    case method(channel: UInt16, Method)
    case message(channel: UInt16, InboundMessage)
    case heartbeat
}
