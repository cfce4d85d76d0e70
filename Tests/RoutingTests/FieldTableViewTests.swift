import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

struct FieldTableViewTests {
    private static let everyType: FieldTable = [
        "bool": .boolean(true), "byte": .int8(-3), "ubyte": .uint8(250), "short": .int16(-300),
        "ushort": .uint16(60_000), "int": .int32(-70_000), "uint": .uint32(4_000_000_000), "long": .int64(.min),
        "float": .float(1.5), "double": .double(-2.25), "decimal": .decimal(scale: 2, value: 314),
        "text": .string("fünf"), "bytes": .bytes([0, 255]), "array": .array([.int8(1), .string("x"), .array([])]),
        "time": .timestamp(1_700_000_000), "table": .table(["a": .void, "b": .table([:])]), "void": .void, "": .int8(0),
    ]

    private static func withView<Result>(_ table: FieldTable, _ body: (FieldTableView) throws -> Result) rethrows
        -> Result
    {
        try table.encodedContent().withUnsafeBytes { try body(FieldTableView(unchecked: $0)) }
    }

    private static func validate(_ content: [UInt8]) throws(WireError) {
        let outcome = content.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try FieldTableView.validate(bytes) }
        }
        try outcome.get()
    }

    @Test func readsEveryType() throws {
        try Self.validate(Self.everyType.encodedContent())
        Self.withView(Self.everyType) { view in
            #expect(view.decoded() == Self.everyType)
            for entry in Self.everyType.entries {
                let found = Array(entry.name.utf8).withUnsafeBytes { view.find($0) }
                #expect(found?.decoded() == entry.value)
                #expect(found?.equals(entry.value) == true)
                #expect(found?.integer == entry.value.integerValue)
                #expect(found?.longString.map(Array.init) == entry.value.stringValue.map { Array($0.utf8) })
                #expect(found?.isVoid == (entry.value == .void))
                #expect(found?.elements?.map { $0.decoded() } == entry.value.arrayValue)
                #expect(found?.table?.decoded() == entry.value.tableValue)
            }
            #expect(view.find("text")?.equals(.string("fünf")) == true)
            #expect(view.find("tex") == nil && view.find("textt") == nil)
        }
    }

    @Test func theFirstOfANameCounts() {
        let table = FieldTable([.init(name: "n", value: .int8(1)), .init(name: "n", value: .int8(2))])
        Self.withView(table) { #expect($0.find("n")?.integer == 1) }
    }

    @Test func readsQpidsLongAsLong() throws {
        let content: [UInt8] = [1, 0x6E, UInt8(ascii: "L"), 255, 255, 255, 255, 255, 255, 255, 254]
        try Self.validate(content)
        content.withUnsafeBytes {
            let value = FieldTableView(unchecked: $0).find("n")
            #expect(value?.integer == -2 && value?.decoded() == .int64(-2) && value?.equals(.int8(-2)) == true)
        }
    }

    @Test func anyOctetButZeroIsTrue() {
        let content: [UInt8] = [1, 0x6E, UInt8(ascii: "t"), 7]
        content.withUnsafeBytes {
            #expect(FieldTableView(unchecked: $0).find("n")?.equals(.boolean(true)) == true)
        }
    }

    @Test func everyTruncationIsRefused() {
        let content = Self.everyType.encodedContent()
        let ends = Set(
            Self.everyType.entries.indices.map { FieldTable(Array(Self.everyType.entries[...$0])) }
                .map { $0.encodedContent().count } + [0])
        for count in content.indices where !ends.contains(count) {
            #expect(throws: WireError.truncated) { try Self.validate(Array(content[..<count])) }
        }
    }

    @Test func unknownTypesAreRefusedWhereverTheyStand() {
        #expect(throws: WireError.unknownFieldType(0x7A)) { try Self.validate([1, 0x6E, 0x7A]) }
        for container in [UInt8(ascii: "A"), UInt8(ascii: "F")] {
            let inner: [UInt8] = container == UInt8(ascii: "A") ? [0x7A] : [0, 0x7A]
            let content = [1, 0x6E, container, 0, 0, 0, UInt8(inner.count)] + inner
            #expect(throws: WireError.unknownFieldType(0x7A)) { try Self.validate(content) }
        }
    }

    /// A value inside may not reach over the end of what it is in, even if bytes follow.
    @Test func innerLengthsAreExact() {
        let content: [UInt8] = [1, 0x6E, UInt8(ascii: "A"), 0, 0, 0, 2, UInt8(ascii: "s"), 0, 0, 0]
        #expect(throws: WireError.truncated) { try Self.validate(content) }
    }

    @Test(arguments: [true, false])
    func nestingIsLimited(isTable: Bool) throws {
        func nested(_ depth: Int) -> FieldTable {
            var value = FieldValue.int8(1)
            for _ in 0..<depth { value = isTable ? .table(["n": value]) : .array([value]) }
            return ["n": value]
        }
        try Self.validate(nested(FieldTable.nestingMax).encodedContent())
        #expect(throws: WireError.nestedTooDeep) {
            try Self.validate(nested(FieldTable.nestingMax + 1).encodedContent())
        }
    }

    /// Whatever passes the validation can be read; whatever does not is refused with an error.
    @Test func randomBytesNeverTrap() {
        var random = SeededGenerator()
        let sample = Self.everyType.encodedContent()
        var validCount = 0
        for _ in 0..<20_000 {
            var content = sample
            if random.oneIn(4) {
                content = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    random.oneIn(3)
                        ? random.element(of: Array("tbBsuIilLfdDSxATFV".utf8)) : UInt8.random(in: 0...3, using: &random)
                }
            } else {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    content[Int.random(in: content.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            guard (try? Self.validate(content)) != nil else { continue }
            validCount += 1
            content.withUnsafeBytes { _ = FieldTableView(unchecked: $0).decoded() }
        }
        #expect(validCount > 100, "\(random)")
    }
}
