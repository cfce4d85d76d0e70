import AMQPProtocol
import Testing

@testable import MessageDeduplication

@Suite struct FingerprintTests {
    private static func fingerprint(_ value: FieldValue) throws -> Fingerprint? {
        var buffer = WireBuffer()
        BasicProperties(headers: ["h": value]).encode(into: &buffer)
        let view = try #require(try PropertiesView(validating: buffer.bytes).headers?.find("h"))
        return Fingerprint(view)
    }

    @Test("the same value is the same, whatever it is encoded as")
    func equalValues() throws {
        #expect(try Self.fingerprint(.int8(5)) == Self.fingerprint(.int64(5)))
        #expect(try Self.fingerprint(.float(0.5)) == Self.fingerprint(.double(0.5)))
        #expect(try Self.fingerprint(.string("a")) == Self.fingerprint(.bytes(Array("a".utf8))))
    }

    @Test("other values are others, and void is none")
    func otherValues() throws {
        let values: [FieldValue] = [
            .string("5"), .int32(5), .double(5), .timestamp(5), .boolean(true), .int32(1), .string(""), .string("a"),
            .array([.string("a")]), .table(["a": .int8(1)]), .longString(Array(repeating: 7, count: 100_000)),
        ]
        #expect(Set(try values.map { try Self.fingerprint($0) }).count == values.count)
        #expect(try Self.fingerprint(.void) == nil)
    }
}
