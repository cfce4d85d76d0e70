import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct ViewTests {
    @Test func viewsReadWhatMethodsWrite() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let publish = BasicPublish(
                exchange: random.text(), routingKey: random.text(), mandatory: random.flag(), immediate: random.flag())
            try encoded { publish.encode(into: &$0) }.withUnsafeBytes { bytes in
                let view = try PublishView(decoding: bytes)
                #expect(String(decoding: view.exchange, as: UTF8.self) == publish.exchange)
                #expect(String(decoding: view.routingKey, as: UTF8.self) == publish.routingKey)
                #expect(view.mandatory == publish.mandatory && view.immediate == publish.immediate)
            }
            let ack = BasicAck(deliveryTag: random.integer(), multiple: random.flag())
            try encoded { ack.encode(into: &$0) }.withUnsafeBytes { bytes in
                let view = try AckView(decoding: bytes)
                #expect(view.deliveryTag == ack.deliveryTag && view.multiple == ack.multiple)
            }
            let nack = BasicNack(deliveryTag: random.integer(), multiple: random.flag(), requeue: random.flag())
            try encoded { nack.encode(into: &$0) }.withUnsafeBytes { bytes in
                let view = try NackView(decoding: bytes)
                #expect(view.deliveryTag == nack.deliveryTag)
                #expect(view.multiple == nack.multiple && view.requeue == nack.requeue)
            }
            let reject = BasicReject(deliveryTag: random.integer(), requeue: random.flag())
            try encoded { reject.encode(into: &$0) }.withUnsafeBytes { bytes in
                let view = try RejectView(decoding: bytes)
                #expect(view.deliveryTag == reject.deliveryTag && view.requeue == reject.requeue)
            }
        }
    }

    @Test func truncatedAndOverlongArgumentsAreRefused() {
        let publish = encoded { BasicPublish(exchange: "x", routingKey: "key").encode(into: &$0) }
        let ack = encoded { BasicAck(deliveryTag: 1).encode(into: &$0) }
        for length in publish.indices {
            #expect(Array(publish[..<length]).decode(PublishView.init(decoding:)).failure == .truncated)
        }
        for length in ack.indices {
            let cut = Array(ack[..<length])
            #expect(cut.decode(AckView.init(decoding:)).failure == .truncated)
            #expect(cut.decode(NackView.init(decoding:)).failure == .truncated)
            #expect(cut.decode(RejectView.init(decoding:)).failure == .truncated)
        }
        #expect((publish + [0]).decode(PublishView.init(decoding:)).failure == .trailingBytes)
        #expect((ack + [0]).decode(AckView.init(decoding:)).failure == .trailingBytes)
        #expect((ack + [0]).decode(NackView.init(decoding:)).failure == .trailingBytes)
        #expect((ack + [0]).decode(RejectView.init(decoding:)).failure == .trailingBytes)
    }
}
