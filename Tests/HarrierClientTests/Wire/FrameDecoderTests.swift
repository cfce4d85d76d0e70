import AMQPProtocol
import SeededRandom
import Testing

@testable import HarrierClient

struct FrameDecoderTests {
    /// Type, channel and payload of every frame, for a stream that comes in pieces.
    private static func decode(_ pieces: [[UInt8]], frameBytesMax: Int = 4096) throws -> [[UInt8]] {
        var decoder = FrameDecoder(frameBytesMax: frameBytesMax)
        var frames: [[UInt8]] = []
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in
                var rest = bytes
                while let frame = try decoder.next(from: &rest) {
                    frames.append([frame.header.typeOctet, UInt8(frame.header.channel)] + frame.payload)
                }
                #expect(rest.isEmpty)
            }
        }
        return frames
    }

    @Test func framesComeWholeHoweverTheStreamIsCut() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let stream = ServerBytes.of { bytes in
                for _ in 0..<Int.random(in: 1...20, using: &random) {
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes.heartbeat()
                    case 1: bytes.method(.basicAck(BasicAck(deliveryTag: random.next())), channel: 3)
                    default:
                        bytes.body(.init(repeating: 0xCE, count: Int.random(in: 1...3000, using: &random)))
                    }
                }
            }
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...max(1, min(rest.count, 500)), using: &random)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let whole = try Self.decode([stream])
            #expect(!whole.isEmpty)
            #expect(try Self.decode(pieces) == whole, "seed \(seed)")
        }
    }

    @Test func aFrameThatIsTooLargeIsRefusedByItsHeader() {
        let header: [UInt8] = [3, 0, 1, 0, 0, 0x10, 0]
        let error = #expect(throws: AMQPException.self) { try Self.decode([header]) }
        #expect(error?.code == .frameError)
        // A content header may be larger than the frames agreed on.
        #expect(throws: Never.self) { try Self.decode([[2] + header.dropFirst()]) }
        #expect(throws: AMQPException.self) { try Self.decode([[2, 0, 1, 1, 0, 0, 0]]) }
    }

    @Test(arguments: [
        ([8, 0, 0, 0, 0, 0, 0, 0xCD], "0xCE"),
        ([9, 0, 0, 0, 0, 0, 0, 0xCE], "unknown frame type 9"),
        (Array("AMQP".utf8) + [0, 0, 9, 1], "does not speak AMQP 0-9-1"),
    ])
    func whatIsNoFrameIsRefused(bytes: [UInt8], reason: String) {
        for pieces in [[bytes], bytes.map { [$0] }] {
            let error = #expect(throws: AMQPException.self) { try Self.decode(pieces) }
            #expect(error?.detail.contains(reason) == true)
        }
    }
}
