import AMQPProtocol
import NIOCore

/// A mandatory message that the broker gave back because it reached no queue (basic.return).
public struct ReturnedMessage: Sendable {
    /// Why; 312 `NO_ROUTE` for a message without a queue.
    public let replyCode: ReplyCode
    /// Why, in the broker's words.
    public let replyText: String
    /// The exchange it was published to; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    public let properties: BasicProperties
    public let body: ByteBuffer
}
