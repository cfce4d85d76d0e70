import AMQPProtocol
import NIOCore

/// A message on its way to the broker.
struct OutboundMessage: Sendable {
    let publish: BasicPublish
    let properties: BasicProperties
    let body: ByteBuffer
}
