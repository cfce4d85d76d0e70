import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct DeliveryTests {
    @Test func deliveryByHand() {
        let frames = encoded { buffer in
            Message(exchange: "", routingKey: "q", properties: [0, 0], body: Array("hi".utf8)).withBytes { message in
                Array("c".utf8).withUnsafeBytes { tag in
                    buffer.appendDelivery(
                        channel: 1, consumerTag: tag, deliveryTag: 1, redelivered: true, exchange: message.exchange,
                        routingKey: message.routingKey, properties: message.properties, body: message.body,
                        frameMax: 4096)
                }
            }
        }
        let hex = """
            01 0001 00000012 003C003C 0163 0000000000000001 01 00 0171 CE
            02 0001 0000000E 003C 0000 0000000000000002 0000 CE
            03 0001 00000002 6869 CE
            """
        #expect(frames == [UInt8](hex: hex))
    }

    @Test func theFastWayWritesWhatTheSlowWayWrites() {
        var random = SeededGenerator()
        for _ in 0..<300 {
            let message = Message(using: &random)
            let channel: UInt16 = random.integer()
            let tag = random.text()
            let deliveryTag: UInt64 = random.integer()
            let redelivered = random.flag()
            let messageCount: UInt32 = random.integer()
            let frameMax = Int.random(in: 9...200, using: &random)

            let delivery = BasicDeliver(
                consumerTag: tag, deliveryTag: deliveryTag, redelivered: redelivered, exchange: message.exchange,
                routingKey: message.routingKey)
            let getOk = BasicGetOk(
                deliveryTag: deliveryTag, redelivered: redelivered, exchange: message.exchange,
                routingKey: message.routingKey, messageCount: messageCount)
            let returned = BasicReturn(
                replyCode: .noRoute, replyText: "NO_ROUTE", exchange: message.exchange, routingKey: message.routingKey)
            let slow = [
                message.frames(behind: delivery, channel: channel, frameMax: frameMax),
                message.frames(behind: getOk, channel: channel, frameMax: frameMax),
                message.frames(behind: returned, channel: channel, frameMax: frameMax),
            ]
            // All into one buffer, so that nothing is written beside its place either.
            let fast = encoded { buffer in
                message.withBytes { bytes in
                    Array(tag.utf8).withUnsafeBytes { tag in
                        buffer.appendDelivery(
                            channel: channel, consumerTag: tag, deliveryTag: deliveryTag, redelivered: redelivered,
                            exchange: bytes.exchange, routingKey: bytes.routingKey, properties: bytes.properties,
                            body: bytes.body, frameMax: frameMax)
                    }
                    buffer.appendGetOk(
                        channel: channel, deliveryTag: deliveryTag, redelivered: redelivered, exchange: bytes.exchange,
                        routingKey: bytes.routingKey, messageCount: messageCount, properties: bytes.properties,
                        body: bytes.body, frameMax: frameMax)
                    buffer.appendReturn(
                        channel: channel, replyCode: .noRoute, replyText: "NO_ROUTE", exchange: bytes.exchange,
                        routingKey: bytes.routingKey, properties: bytes.properties, body: bytes.body,
                        frameMax: frameMax)
                }
            }
            #expect(fast == slow.flatMap { $0 }, "frameMax \(frameMax), \(message)")
        }
    }
}

private struct Message {
    let exchange: String
    let routingKey: String
    let properties: [UInt8]
    let body: [UInt8]

    init(exchange: String, routingKey: String, properties: [UInt8], body: [UInt8]) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }

    init(using random: inout SeededGenerator) {
        exchange = random.text()
        routingKey = random.text()
        properties = encoded { random.properties().encode(into: &$0) }
        body = random.bytes(countMax: 1000)
    }

    struct Bytes {
        let exchange: UnsafeRawBufferPointer
        let routingKey: UnsafeRawBufferPointer
        let properties: UnsafeRawBufferPointer
        let body: UnsafeRawBufferPointer
    }

    func withBytes(_ use: (Bytes) -> Void) {
        Array(exchange.utf8).withUnsafeBytes { exchange in
            Array(routingKey.utf8).withUnsafeBytes { routingKey in
                properties.withUnsafeBytes { properties in
                    body.withUnsafeBytes { body in
                        use(Bytes(exchange: exchange, routingKey: routingKey, properties: properties, body: body))
                    }
                }
            }
        }
    }

    /// Put together from the general encoders.
    func frames(behind method: some AMQPMethod, channel: UInt16, frameMax: Int) -> [UInt8] {
        encoded { buffer in
            buffer.appendMethodFrame(channel: channel, method)
            withBytes { bytes in
                buffer.appendContentHeader(
                    channel: channel, bodySize: UInt64(body.count), properties: bytes.properties)
                buffer.appendBody(channel: channel, bytes.body, frameMax: frameMax)
            }
        }
    }
}
