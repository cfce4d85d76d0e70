import AMQPProtocol
import NIOCore
import SeededRandom
import Testing

@testable import HarrierClient

struct InboundDecoderTests {
    private static let deliver = Method.basicDeliver(
        BasicDeliver(consumerTag: "c", deliveryTag: 1, exchange: "x", routingKey: "k"))

    private static func events(_ bytes: [UInt8]) throws -> [InboundEvent] {
        var decoder = InboundDecoder(frameBytesMax: 131_072)
        var events: [InboundEvent] = []
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while let event = try decoder.next(from: &rest) { events.append(event) }
        }
        return events
    }

    private static func error(_ write: (inout ServerBytes) -> Void) -> AMQPException? {
        #expect(throws: AMQPException.self) { _ = try events(ServerBytes.of(write)) }
    }

    @Test func aMessageIsPutTogetherFromItsFrames() throws {
        let body = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
        let properties = BasicProperties(headers: ["h": .boolean(true)], priority: 3)
        let events = try Self.events(
            ServerBytes.of {
                $0.method(Self.deliver)
                $0.heartbeat()
                $0.content(body, properties: properties, frameMax: 1000)
                $0.method(.basicQosOk(BasicQosOk()))
            })
        guard case .heartbeat = events[0], case .message(1, let message) = events[1],
            case .method(1, .basicQosOk) = events[2]
        else {
            Issue.record("\(events)")
            return
        }
        #expect(message.method == Self.deliver)
        #expect(message.properties == properties)
        #expect(Array(message.body.readableBytesView) == body)
    }

    @Test func anEmptyBodyNeedsNoBodyFrame() throws {
        let events = try Self.events(
            ServerBytes.of {
                $0.method(Self.deliver)
                $0.content([])
            })
        guard case .message(1, let message) = try #require(events.first) else {
            Issue.record("\(events)")
            return
        }
        #expect(message.body.readableBytes == 0)
    }

    @Test func contentsOfTwoChannelsMayBeInterleaved() throws {
        let events = try Self.events(
            ServerBytes.of {
                $0.method(Self.deliver, channel: 1)
                $0.method(Self.deliver, channel: 2)
                $0.header(bodyBytes: 4, channel: 2)
                $0.header(bodyBytes: 2, channel: 1)
                $0.body([1, 2], channel: 2)
                $0.body([9, 9], channel: 1)
                $0.body([3, 4], channel: 2)
            })
        let bodies = events.map { event -> [UInt8] in
            guard case .message(let channel, let message) = event else { return [] }
            return [UInt8(channel)] + message.body.readableBytesView
        }
        #expect(bodies == [[1, 9, 9], [2, 1, 2, 3, 4]])
    }

    @Test func aMethodAmidAContentIsOutOfTurn() {
        let error = Self.error {
            $0.method(Self.deliver)
            $0.header(bodyBytes: 10)
            $0.method(.basicQosOk(BasicQosOk()))
        }
        #expect(error?.code == .unexpectedFrame)
    }

    @Test func aContentThatNothingAnnouncedIsOutOfTurn() {
        #expect(Self.error { $0.header(bodyBytes: 10) }?.code == .unexpectedFrame)
        #expect(Self.error { $0.body([1]) }?.code == .unexpectedFrame)
        let second = Self.error {
            $0.method(Self.deliver)
            $0.header(bodyBytes: 1)
            $0.header(bodyBytes: 1)
        }
        #expect(second?.code == .unexpectedFrame)
        let early = Self.error {
            $0.method(Self.deliver)
            $0.body([1])
        }
        #expect(early?.code == .unexpectedFrame)
    }

    @Test func moreBodyThanAnnouncedIsRefused() {
        let error = Self.error {
            $0.method(Self.deliver)
            $0.header(bodyBytes: 2)
            $0.body([1, 2, 3])
        }
        #expect(error?.code == .unexpectedFrame)
    }

    @Test func aBodyBeyondTheLimitIsRefusedByItsHeader() {
        let error = Self.error {
            $0.method(Self.deliver)
            $0.header(bodyBytes: InboundDecoder.bodyBytesMax + 1)
        }
        #expect(error?.code == .contentTooLarge)
    }

    @Test func cutArgumentsAreRefused() {
        // basic.ack with seven octets of its delivery tag.
        let frame: [UInt8] = [1, 0, 1, 0, 0, 0, 11, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0xCE]
        #expect(Self.error { $0.raw(frame) }?.code == .syntaxError)
        let unknownMethod: [UInt8] = [1, 0, 1, 0, 0, 0, 4, 0, 60, 0, 99, 0xCE]
        #expect(Self.error { $0.raw(unknownMethod) }?.code == .syntaxError)
    }

    @Test func noBytesWhateverMakeItTrap() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let valid = ServerBytes.of {
            $0.method(Self.deliver)
            $0.content([1, 2, 3], properties: BasicProperties(headers: ["a": .array([.string("b")])], appID: "i"))
            $0.method(.basicAck(BasicAck(deliveryTag: 1)))
        }
        for _ in 0..<5_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            // Either is fine, as long as the process lives; the seed would show which bytes it was.
            _ = try? Self.events(bytes)
        }
    }
}
