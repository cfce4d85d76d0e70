import AMQPProtocol
import NIOCore

/// A message as it came: the method that announced it (basic.deliver, basic.get-ok or basic.return) and its content.
struct InboundMessage {
    let method: Method
    let properties: BasicProperties
    let body: ByteBuffer
}
