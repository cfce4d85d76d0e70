import AMQPProtocol
import Testing

@testable import HarrierClient

struct ArgumentCheckTests {
    @Test func namesAreAtMost255Bytes() {
        let longest = String(repeating: "é", count: 127) + "e"
        #expect(throws: Never.self) { try ArgumentCheck.name(longest, "queue") }
        let error = #expect(throws: AMQPClientError.self) { try ArgumentCheck.name(longest + "e", "queue") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("queue") == true)
    }

    @Test func propertiesAndTheNamesOfHeadersAreLookedAt() {
        let long = String(repeating: "x", count: 256)
        for properties in [
            BasicProperties(contentType: long), BasicProperties(correlationID: long), BasicProperties(userID: long),
            BasicProperties(headers: [long: .void]), BasicProperties(headers: ["a": .table([long: .void])]),
        ] {
            #expect(throws: AMQPClientError.self) { try ArgumentCheck.properties(properties) }
        }
        #expect(throws: Never.self) {
            try ArgumentCheck.properties(BasicProperties(headers: ["a": .string(long)]))
        }
    }

    @Test func tablesAreNestedOnlySoDeep() throws {
        var table: FieldTable = ["end": .void]
        for _ in 1..<FieldTable.nestingMax { table = ["t": .table(table)] }
        #expect(throws: Never.self) { try ArgumentCheck.table(table) }
        var encoded = WireBuffer()
        table.encode(into: &encoded)
        // As deep as the decoder goes, and no deeper.
        var reader = WireReader(encoded.bytes)
        #expect(try FieldTable(from: &reader) == table)
        #expect(throws: AMQPClientError.self) { try ArgumentCheck.table(["t": .table(table)]) }
    }
}
