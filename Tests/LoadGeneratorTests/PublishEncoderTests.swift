import AMQPProtocol
import NIOCore
import Testing

@testable import LoadGenerator

@Suite struct PublishEncoderTests {
    private struct Message: Equatable {
        var routingKey = ""
        var properties = BasicProperties()
        var body: [UInt8] = []
        var bodyFrames = 0
    }

    private static func encoder(_ sizes: [Int], keys: [String], frameMax: Int = 4096) -> PublishEncoder {
        let contents = MessageContents(
            sizes: sizes, properties: BasicProperties(deliveryMode: 2, type: "t"), channel: 1, frameMax: frameMax)
        return PublishEncoder(
            exchange: "x", routingKeys: keys, isMandatory: true, channel: 1, contents: contents,
            stamp: BodyStamp(producer: 3, run: 5))
    }

    private static func decode(_ buffer: ByteBuffer) throws -> [Message] {
        var messages: [Message] = []
        var taken = 0
        try buffer.withUnsafeReadableBytes { bytes in
            var cursor = FrameCursor(bytes)
            while let frame = try cursor.next() {
                switch frame.type {
                case .method:
                    guard case .basicPublish(let publish) = try frame.decodeMethod() else {
                        Issue.record("not a publish")
                        continue
                    }
                    #expect(publish.exchange == "x")
                    #expect(publish.mandatory)
                    messages.append(Message(routingKey: publish.routingKey))
                case .header:
                    let properties = UnsafeRawBufferPointer(rebasing: frame.payload.dropFirst(12))
                    messages[messages.count - 1].properties = try BasicProperties(decoding: properties)
                case .body:
                    messages[messages.count - 1].body += frame.payload
                    messages[messages.count - 1].bodyFrames += 1
                case .heartbeat: Issue.record("a heartbeat")
                }
            }
            taken = cursor.consumed
        }
        #expect(taken == buffer.readableBytes)
        return messages
    }

    @Test func sizesAndKeysAreUsedInTurn() throws {
        var encoder = Self.encoder([0, 8, 20, 5000], keys: ["a", "b", "c"])
        var buffer = ByteBuffer()
        let batch = encoder.encode(upTo: 7, at: 77, into: &buffer)
        let messages = try Self.decode(buffer)
        #expect(batch.messages == 7)
        #expect(batch.bodyBytes == messages.reduce(0) { $0 + $1.body.count })
        #expect(messages.map(\.routingKey) == ["a", "b", "c", "a", "b", "c", "a"])
        #expect(messages.map(\.body.count) == [0, 8, 20, 5000, 0, 8, 20])
        #expect(messages.map(\.bodyFrames) == [0, 1, 1, 2, 0, 1, 1])
        #expect(messages.allSatisfy { $0.properties == BasicProperties(deliveryMode: 2, type: "t") })
        for (index, message) in messages.enumerated() where message.body.count >= 8 {
            message.body.withUnsafeBytes { body in
                #expect(body.loadUnaligned(as: UInt64.self) == 77)
                guard body.count >= 16 else { return }
                let stamp = BodyStamp(number: body.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                #expect(stamp.producer == 3)
                #expect(stamp.isOfRun(5))
                #expect(stamp.number == BodyStamp(producer: 3, run: 5).number + UInt64(index) + 1)
            }
        }
    }

    @Test func aWriteEndsAtItsLimit() throws {
        var encoder = Self.encoder([1000], keys: ["key"])
        var buffer = ByteBuffer()
        let batch = encoder.encode(upTo: .max, at: 1, into: &buffer)
        #expect(batch.messages == encoder.messagesPerWrite)
        #expect(buffer.readableBytes >= LoadPlan.Limit.writeBytes)
        #expect(buffer.readableBytes < LoadPlan.Limit.writeBytes + 1_200)
        #expect(try Self.decode(buffer).count == batch.messages)
    }

    @Test func aMessageLongerThanAWriteGoesAlone() throws {
        var encoder = Self.encoder([200_000], keys: ["key"], frameMax: 131_072)
        var buffer = ByteBuffer()
        #expect(encoder.encode(upTo: .max, at: 1, into: &buffer).messages == 1)
        #expect(try Self.decode(buffer).map(\.bodyFrames) == [2])
    }

    @Test func aBufferIsUsedAgain() throws {
        var encoder = Self.encoder([100], keys: ["key"])
        var buffer = ByteBuffer()
        _ = encoder.encode(upTo: .max, at: 1, into: &buffer)
        let capacity = buffer.capacity
        for _ in 0..<10 {
            buffer.clear()
            _ = encoder.encode(upTo: .max, at: 1, into: &buffer)
        }
        #expect(buffer.capacity == capacity)
    }
}
