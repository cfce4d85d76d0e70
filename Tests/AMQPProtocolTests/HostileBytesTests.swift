import AMQPProtocol
import Testing

/// No input stops the process, and the decoders agree on what is well formed.
@Suite struct HostileBytesTests {
    private static let inputsPerTest = 30_000

    /// Bytes at random rarely get far, so most inputs are valid encodings with a few bytes changed.
    private func mutate(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(random.integer(), at: index)
            case 2: bytes[index] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 3: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: bytes[index] = random.integer()
            }
        }
        return bytes
    }

    @Test func methods() {
        var random = SeededGenerator()
        let valid = random.everyMethod().map { method in encoded { method.encode(into: &$0) } }
        for index in 0..<Self.inputsPerTest {
            let start = valid[index % valid.count]
            let payload =
                index.isMultiple(of: 4) ? start.prefix(4) + random.bytes(countMax: 24) : mutate(start, using: &random)
            guard case .success(let method) = payload.decode(Method.init(decoding:)) else { continue }
            #expect(payload.starts(with: encoded { $0.append(method.id.rawValue) }))
        }
    }

    @Test func views() {
        var random = SeededGenerator()
        let publish = encoded { BasicPublish(exchange: "amq.topic", routingKey: "a.b").encode(into: &$0) }
        let nack = encoded { BasicNack(deliveryTag: 1 << 40, multiple: true).encode(into: &$0) }
        for index in 0..<Self.inputsPerTest {
            let input = mutate(index.isMultiple(of: 2) ? publish : nack, using: &random)
            let byView = input.decode(PublishView.init(decoding:))
            let byValue = (encoded { $0.append(MethodID.basicPublish.rawValue) } + input).decode(Method.init(decoding:))
            if byValue.failure != .invalidUTF8 { #expect(byView.failure == byValue.failure) }
            let isNineBytes = input.count == 9
            #expect(input.decode(AckView.init(decoding:)).isSuccess == isNineBytes)
            #expect(input.decode(NackView.init(decoding:)).isSuccess == isNineBytes)
            #expect(input.decode(RejectView.init(decoding:)).isSuccess == isNineBytes)
        }
    }

    @Test func properties() {
        var random = SeededGenerator()
        let valid = (0..<50).map { _ in encoded { random.properties().encode(into: &$0) } }
        for index in 0..<Self.inputsPerTest {
            let input =
                index.isMultiple(of: 4)
                ? random.bytes(countMax: 40) : mutate(valid[index % valid.count], using: &random)
            let view = input.decode(PropertiesView.init(validating:))
            #expect(view.failure == input.decode(BasicProperties.init(decoding:)).failure)
        }
    }

    @Test func tables() {
        var random = SeededGenerator()
        let valid = (0..<50).map { _ in Array(encoded { random.table().encode(into: &$0) }.dropFirst(4)) }
        for index in 0..<Self.inputsPerTest {
            let input =
                index.isMultiple(of: 4)
                ? random.bytes(countMax: 40) : mutate(valid[index % valid.count], using: &random)
            let verdict = input.decode(FieldTableView.validate)
            #expect(verdict.failure == input.decode(FieldTable.init(decoding:)).failure)
        }
    }

    /// Fifty thousand opening brackets must not exhaust the stack.
    @Test func bottomlessNesting() {
        var content: [UInt8] = []
        let levels = 50_000
        content.reserveCapacity(levels * 5)
        for level in 0..<levels {
            content += [UInt8(ascii: "A")] + encoded { $0.append(UInt32((levels - level - 1) * 5)) }
        }
        #expect(([0] + content).decode(FieldTable.init(decoding:)) == .failure(.nestedTooDeep))
    }

    @Test func frameHeaders() {
        var random = SeededGenerator()
        for _ in 0..<Self.inputsPerTest {
            let input = random.bytes(countMax: 12)
            let header = input.withUnsafeBytes { FrameHeader(peeking: $0) }
            #expect((header != nil) == (input.count >= 7))
        }
    }
}
