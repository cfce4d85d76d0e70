import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

/// No input stops the process, and the decoders agree on what is well formed.
@Suite struct HostileBytesTests {
    /// Six tests with as many each: 180,000 inputs.
    private static let inputsPerTest = 30_000

    /// The first input at which the decoders disagree; expectations are too slow to be made for each.
    private func firstDisagreement(
        among valid: [[UInt8]], using random: inout SeededGenerator, agree: ([UInt8]) -> Bool
    ) -> [UInt8]? {
        for index in 0..<Self.inputsPerTest {
            let input =
                index.isMultiple(of: 4)
                ? random.bytes(countMax: 40) : mutate(valid[index % valid.count], using: &random)
            if !agree(input) { return input }
        }
        return nil
    }

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

    /// What decodes to a method begins with that method's id.
    @Test func methods() {
        var random = SeededGenerator()
        let valid = random.everyMethod().map { method in encoded { method.encode(into: &$0) } }
        let culprit = firstDisagreement(among: valid, using: &random) { input in
            guard case .success(let method) = input.decode(Method.init(decoding:)) else { return true }
            return input.starts(with: encoded { $0.append(method.id.rawValue) })
        }
        #expect(culprit == nil)
    }

    @Test func publishView() {
        var random = SeededGenerator()
        let valid = encoded { BasicPublish(exchange: "amq.topic", routingKey: "a.b").encode(into: &$0) }
        let culprit = firstDisagreement(among: [valid], using: &random) { input in
            let payload = encoded { $0.append(MethodID.basicPublish.rawValue) } + input
            let byValue = payload.decode(Method.init(decoding:)).failure
            return byValue == .invalidUTF8 || byValue == input.decode(PublishView.init(decoding:)).failure
        }
        #expect(culprit == nil)
    }

    @Test func settlingViews() {
        var random = SeededGenerator()
        let valid = encoded { BasicNack(deliveryTag: 1 << 40, multiple: true).encode(into: &$0) }
        let culprit = firstDisagreement(among: [valid], using: &random) { input in
            let isNineBytes = input.count == 9
            return input.decode(AckView.init(decoding:)).isSuccess == isNineBytes
                && input.decode(NackView.init(decoding:)).isSuccess == isNineBytes
                && input.decode(RejectView.init(decoding:)).isSuccess == isNineBytes
        }
        #expect(culprit == nil)
    }

    @Test func properties() {
        var random = SeededGenerator()
        let valid = (0..<50).map { _ in encoded { random.properties().encode(into: &$0) } }
        let culprit = firstDisagreement(among: valid, using: &random) { input in
            let byView = input.decode(PropertiesView.init(validating:)).failure
            return byView == input.decode(BasicProperties.init(decoding:)).failure
        }
        #expect(culprit == nil)
    }

    @Test func tables() {
        var random = SeededGenerator()
        let valid = (0..<50).map { _ in Array(encoded { random.table().encode(into: &$0) }.dropFirst(4)) }
        let culprit = firstDisagreement(among: valid, using: &random) { input in
            input.decode(FieldTableView.validate).failure == input.decode(FieldTable.init(decoding:)).failure
        }
        #expect(culprit == nil)
    }

    @Test func frameHeaders() {
        var random = SeededGenerator()
        let culprit = firstDisagreement(among: [[1, 0, 1, 0, 0, 0, 4]], using: &random) { input in
            input.withUnsafeBytes { FrameHeader(peeking: $0) != nil } == (input.count >= 7)
        }
        #expect(culprit == nil)
    }

    /// Fifty thousand opening brackets must not exhaust the stack.
    @Test func bottomlessNesting() {
        let levels = 50_000
        var content: [UInt8] = [0]
        for level in 0..<levels {
            content += [UInt8(ascii: "A")] + encoded { $0.append(UInt32((levels - level - 1) * 5)) }
        }
        #expect(content.decode(FieldTable.init(decoding:)) == .failure(.nestedTooDeep))
    }
}
