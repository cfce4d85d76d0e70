import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@Suite struct FieldTableWireTests {
    private func decode(_ bytes: [UInt8]) -> Result<FieldTable, WireError> {
        bytes.decode { bytes throws(WireError) in
            var reader = WireReader(bytes)
            let table = try FieldTable(from: &reader)
            guard reader.isAtEnd else { throw .trailingBytes }
            return table
        }
    }

    @Test func everyTypeIsWrittenAsRabbitMQDoes() {
        let table: FieldTable = [
            "a": .boolean(true), "b": .int8(-1), "c": .uint8(200), "d": .int16(-2), "e": .uint16(40_000),
            "f": .int32(-3), "g": .uint32(3_000_000_000), "h": .int64(-4), "i": .float(1.5), "j": .double(-2.5),
            "k": .decimal(scale: 2, value: 314), "l": .string("hi"), "m": .bytes([0, 255]),
            "n": .array([.void, .boolean(false)]), "o": .timestamp(1_700_000_000), "p": .table(["q": .void]),
            "r": .void,
        ]
        let content = """
            0161 74 01  0162 62 FF  0163 42 C8  0164 73 FFFE  0165 75 9C40  0166 49 FFFFFFFD  0167 69 B2D05E00
            0168 6C FFFFFFFFFFFFFFFC  0169 66 3FC00000  016A 64 C004000000000000  016B 44 02 0000013A
            016C 53 00000002 6869  016D 78 00000002 00FF  016E 41 00000003 56 7400  016F 54 000000006553F100
            0170 46 00000003 0171 56  0172 56
            """
        let bytes = [UInt8](hex: content)
        #expect(encoded { table.encode(into: &$0) } == [0, 0, 0, UInt8(bytes.count)] + bytes)
        #expect(bytes.decode(FieldTable.init(decoding:)) == .success(table))
    }

    @Test func randomTablesComeBackAsTheyWere() {
        var random = SeededGenerator()
        for _ in 0..<500 {
            let table = random.table()
            #expect(decode(encoded { table.encode(into: &$0) }) == .success(table))
        }
    }

    @Test func everyTruncationIsNoticed() {
        var random = SeededGenerator()
        for _ in 0..<50 {
            let table = random.table()
            let bytes = encoded { table.encode(into: &$0) }
            for length in 0..<bytes.count {
                #expect(decode(Array(bytes[..<length])) == .failure(.truncated))
            }
        }
    }

    /// An inner length that is wrong by one either way cannot be made up for by what follows.
    @Test(arguments: [
        "00000009 0161 53 00000001 7878", "00000009 0161 53 00000003 7878", "00000007 0161 46 00000001",
        "00000003 0161 74", "00000008 0161 41 00000001 75",
    ])
    func lengthsMustMatch(hex: String) {
        #expect(!decode([UInt8](hex: hex)).isSuccess)
    }

    @Test func unknownTypesAreNamed() {
        #expect(decode([UInt8](hex: "00000004 0161 5A 00")) == .failure(.unknownFieldType(0x5A)))
    }

    @Test func notANumberKeepsItsBits() {
        // Signalling and quiet, with payloads.
        let bytes = [UInt8](hex: "00000012 0161 66 7FA00001 0162 64 FFF8000000000123")
        guard case .success(let table) = decode(bytes) else {
            Issue.record("not decoded")
            return
        }
        #expect(encoded { table.encode(into: &$0) } == bytes)
    }

    @Test func nestingIsLimited() {
        var value = FieldValue.void
        for level in 0..<FieldTable.nestingMax {
            value = level.isMultiple(of: 2) ? .array([value]) : .table(["t": value])
        }
        let deepest: FieldTable = ["a": value]
        #expect(decode(encoded { deepest.encode(into: &$0) }) == .success(deepest))
        let deeper: FieldTable = ["a": .array([value])]
        #expect(decode(encoded { deeper.encode(into: &$0) }) == .failure(.nestedTooDeep))
    }

    @Test func anyOctetButZeroIsTrue() {
        #expect(decode([UInt8](hex: "00000004 0161 74 7F")) == .success(["a": .boolean(true)]))
    }
}
