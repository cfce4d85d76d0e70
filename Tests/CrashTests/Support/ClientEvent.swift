import AMQPProtocol

/// What a client can be told.
enum ClientEvent {
    case method(AMQPProtocol.Method, channel: UInt16)
    case delivery(ReceivedMessage)
    /// basic.return: a mandatory message that no queue took.
    case returned(channel: UInt16)
    case channelClosed(UInt16, code: ReplyCode, text: String)
}

/// A delivery, or the answer to basic.get.
struct ReceivedMessage {
    let channel: UInt16
    let deliveryTag: UInt64
    let isRedelivered: Bool
    let isPersistent: Bool
    let body: [UInt8]
}
