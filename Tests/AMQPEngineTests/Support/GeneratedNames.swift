import AMQPProtocol

@testable import AMQPEngine

/// The session without methods that ask the broker for a name of its own.
func withoutGeneratedNames(_ session: [UInt8]) -> [UInt8] {
    var named = Array(session.prefix(Frame.protocolHeader.count))
    var rest = session.dropFirst(Frame.protocolHeader.count)
    while let header = rest.withUnsafeBytes({ FrameHeader(peeking: $0) }) {
        let frame = rest.prefix(header.frameSize)
        rest = rest.dropFirst(header.frameSize)
        let payload = frame.dropFirst(Frame.headerSize).dropLast()
        if header.type == .method, let method = payload.withUnsafeBytes({ try? Method(decoding: $0) }) {
            switch method {
            case .queueDeclare(let declare) where declare.queue.isEmpty: continue
            case .basicConsume(let consume) where consume.consumerTag.isEmpty: continue
            case .basicConsume(let consume) where consume.queue == ReplyConsumer.queueName: continue
            default: break
            }
        }
        named += frame
    }
    return named
}
