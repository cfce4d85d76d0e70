import AMQPProtocol
import NIOCore

/// Tells published messages apart, so that a returned one finds the caller that published it: basic.return names no
/// number.
struct ReturnFingerprint: Equatable {
    /// Of exchange, routing key and body.
    let content: Int
    /// Of all that, and the properties. A broker may rewrite properties (RabbitMQ takes `BCC` out of the headers, and
    /// its interceptors add some), so that only the other one is sure to match.
    let whole: Int

    /// `properties` are flags and list as they go on the wire.
    init(exchange: String, routingKey: String, properties: UnsafeRawBufferPointer, body: ByteBuffer) {
        var hasher = Hasher()
        hasher.combine(exchange)
        hasher.combine(routingKey)
        body.withUnsafeReadableBytes { hasher.combine(bytes: $0) }
        content = hasher.finalize()
        hasher.combine(bytes: properties)
        whole = hasher.finalize()
    }

    init(_ message: ReturnedMessage) {
        var properties = WireBuffer()
        message.properties.encode(into: &properties)
        self.init(
            exchange: message.exchange, routingKey: message.routingKey, properties: properties.bytes,
            body: message.body)
    }
}
