import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import LoadGenerator

@Suite struct DeliveryLedgerTests {
    private static let run: UInt64 = 9

    /// What a broker sends: deliveries of three queues and two producers, split into frames anywhere they may be.
    private struct Stream: ~Copyable {
        var buffer = WireBuffer()
        var tag: UInt64 = 0
        var delivered = 0
        var redelivered = 0
        var bodyBytes = 0
        var stamped = 0
        private var numbers = [BodyStamp(producer: 0, run: run).number, BodyStamp(producer: 1, run: run).number]

        mutating func append(
            queue: Int, producer: Int, size: Int, redelivered: Bool, frameMax: Int = 4096, number: UInt64? = nil
        ) {
            numbers[producer] += 1
            tag += 1
            var body = [UInt8](repeating: 7, count: size)
            body.withUnsafeMutableBytes { body in
                if size >= 8 { body.storeBytes(of: 500, as: UInt64.self) }
                if size >= 16 { body.storeBytes(of: number ?? numbers[producer], toByteOffset: 8, as: UInt64.self) }
            }
            let consumerTag = Array("\(queue)".utf8)
            let properties: [UInt8] = [0x10, 0, 2]
            consumerTag.withUnsafeBytes { consumerTag in
                properties.withUnsafeBytes { properties in
                    body.withUnsafeBytes { body in
                        buffer.appendDelivery(
                            channel: 1, consumerTag: consumerTag, deliveryTag: tag, redelivered: redelivered,
                            exchange: consumerTag, routingKey: consumerTag, properties: properties, body: body,
                            frameMax: frameMax)
                    }
                }
            }
            delivered += 1
            bodyBytes += size
            if redelivered { self.redelivered += 1 }
            // The stamp has to stand in the first frame, as it does with every broker that fills frames.
            if size >= 8 { stamped += 1 }
        }
    }

    private static func ledger(ackInterval: Int? = nil) -> DeliveryLedger {
        DeliveryLedger(channel: 1, queueCount: 3, producers: 2, run: run, checksRun: true, ackInterval: ackInterval)
    }

    @Test("however the bytes are cut, the counts are the same")
    func randomCuts() throws {
        var random = SeededGenerator()
        for _ in 0..<50 {
            var stream = Stream()
            for _ in 0..<200 {
                switch random.next(upTo: 20) {
                case 0: stream.buffer.appendHeartbeat()
                case 1: stream.buffer.appendMethodFrame(channel: 0, ConnectionBlocked(reason: "low on memory"))
                default:
                    let size = random.next(upTo: 10) == 0 ? random.next(upTo: 12_000) : random.next(upTo: 40)
                    stream.append(
                        queue: random.next(upTo: 3), producer: random.next(upTo: 2), size: size,
                        redelivered: random.next(upTo: 9) == 0)
                }
            }
            var ledger = Self.ledger(ackInterval: 7)
            var latency = LatencyRecorder()
            var frames = FrameStream()
            var rest = stream.buffer.bytes
            while !rest.isEmpty {
                let cut = min(rest.count, 1 + random.next(upTo: random.next(upTo: 4) == 0 ? 20_000 : 30))
                try frames.feed(UnsafeRawBufferPointer(rebasing: rest[..<cut])) { bytes throws(LoadError) in
                    try ledger.receive(bytes, at: 1_000_500, recording: &latency)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[cut...])
            }
            #expect(ledger.delivered == stream.delivered)
            #expect(ledger.bodyBytes == stream.bodyBytes)
            #expect(ledger.redelivered == stream.redelivered)
            #expect(ledger.orderErrors == 0)
            #expect(ledger.foreign == 0)
            let sample = latency.takeRecent()
            #expect(sample.count == stream.stamped)
            #expect(sample.summary?.max == 1000)
            #expect(ledger.otherMethods.allSatisfy { $0.id == .connectionBlocked })
            try Self.checkAcks(&ledger, delivered: stream.delivered, interval: 7)
        }
    }

    private static func checkAcks(_ ledger: inout DeliveryLedger, delivered: Int, interval: Int) throws {
        ledger.acknowledgeRest()
        var tags: [UInt64] = []
        var cursor = FrameCursor(ledger.acks.bytes)
        while let frame = try cursor.next() {
            guard case .basicAck(let ack) = try frame.decodeMethod() else {
                Issue.record("not an ack")
                continue
            }
            #expect(ack.multiple)
            tags.append(ack.deliveryTag)
        }
        var expected = Array(stride(from: UInt64(interval), through: UInt64(delivered), by: interval))
        if !delivered.isMultiple(of: interval) { expected.append(UInt64(delivered)) }
        #expect(tags == expected)
    }

    @Test func whatComesLateOrTwiceIsOutOfOrderUnlessItCameBack() throws {
        let base = BodyStamp(producer: 0, run: Self.run).number
        var stream = Stream()
        for (number, redelivered) in [(1, false), (3, false), (2, false), (2, true), (3, false)] {
            stream.append(
                queue: 0, producer: 0, size: 16, redelivered: redelivered, number: base + UInt64(number))
        }
        // In another queue they are in order.
        stream.append(queue: 1, producer: 0, size: 16, redelivered: false, number: base + 2)
        var ledger = Self.ledger()
        var latency = LatencyRecorder()
        _ = try ledger.receive(stream.buffer.bytes, at: 1_000, recording: &latency)
        #expect(ledger.orderErrors == 2)
        #expect(ledger.delivered == 6)
        let ackBytes = ledger.acks.count
        #expect(ackBytes == 0)
    }

    @Test func whatAnotherRunLeftIsForeign() throws {
        var stream = Stream()
        stream.append(
            queue: 0, producer: 0, size: 20, redelivered: false, number: BodyStamp(producer: 0, run: 8).number + 1)
        stream.append(queue: 0, producer: 0, size: 20, redelivered: false)
        var ledger = Self.ledger()
        var latency = LatencyRecorder()
        _ = try ledger.receive(stream.buffer.bytes, at: 1_000, recording: &latency)
        #expect(ledger.foreign == 1)
        #expect(ledger.delivered == 2)
        #expect(latency.takeRecent().count == 1)
    }

    @Test("bytes of any kind are refused or waited for, and crash nothing")
    func hostileBytes() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            var stream = Stream()
            stream.append(queue: 0, producer: 0, size: 30, redelivered: false)
            stream.append(queue: 2, producer: 1, size: 5000, redelivered: true)
            var bytes = Array(stream.buffer.bytes)
            for _ in 0...random.next(upTo: 4) {
                bytes[random.next(upTo: bytes.count)] = UInt8(random.next(upTo: 256))
            }
            var ledger = Self.ledger(ackInterval: 1)
            var latency = LatencyRecorder()
            var frames = FrameStream()
            bytes.withUnsafeBytes { bytes in
                try? frames.feed(bytes) { bytes throws(LoadError) in
                    try ledger.receive(bytes, at: 1_000, recording: &latency)
                }
            }
            #expect(ledger.delivered <= 2)
        }
    }
}
