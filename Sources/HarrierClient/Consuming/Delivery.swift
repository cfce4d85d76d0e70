import AMQPProtocol
import NIOCore

/// A message from a queue.
public struct Delivery: Sendable {
    /// What acknowledgements name; counts up from 1 on each channel. It means nothing on another channel.
    public let deliveryTag: UInt64
    /// The consumer it was sent to; empty if it was fetched by ``HarrierChannel/get(from:acknowledgement:)``.
    public let consumerTag: String
    /// Whether it may have been delivered before. `false` means that it has not.
    public let isRedelivered: Bool
    /// The exchange it was published to; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    public let properties: BasicProperties
    public let body: ByteBuffer
    /// How many messages were left in the queue, if it was fetched by ``HarrierChannel/get(from:acknowledgement:)``.
    public let remainingCount: Int?

    /// The body as text; bytes that are not UTF-8 become replacement characters.
    public var text: String { String(buffer: body) }
}
