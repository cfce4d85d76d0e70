import AMQPProtocol
import SeededRandom

extension SeededGenerator {
    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number {
        .random(in: .min ... .max, using: &self)
    }

    /// Text of at most 255 bytes of UTF-8, often empty or short.
    mutating func text() -> String {
        let alphabet = "abcXYZ019._-#*/ äß€漢🐇"
        let length =
            Bool.random(using: &self) ? Int.random(in: 0...8, using: &self) : Int.random(in: 0...60, using: &self)
        return String((0..<length).map { _ in alphabet.randomElement(using: &self) ?? "a" })
    }

    mutating func bytes(countMax: Int) -> [UInt8] {
        (0..<Int.random(in: 0...countMax, using: &self)).map { _ in integer() }
    }

    mutating func flag() -> Bool { Bool.random(using: &self) }

    mutating func replyCode() -> ReplyCode { ReplyCode(rawValue: integer()) }

    /// Names may stand twice: the wire allows it, and the order has to be kept.
    mutating func table(depth: Int = 3) -> FieldTable {
        FieldTable(
            (0..<Int.random(in: 0...5, using: &self)).map { _ in
                FieldTable.Entry(name: text(), value: value(depth: depth))
            })
    }

    /// Numbers are never NaN, so that values can be compared.
    mutating func value(depth: Int) -> FieldValue {
        switch Int.random(in: 0..<(depth > 0 ? 17 : 15), using: &self) {
        case 0: .boolean(flag())
        case 1: .int8(integer())
        case 2: .uint8(integer())
        case 3: .int16(integer())
        case 4: .uint16(integer())
        case 5: .int32(integer())
        case 6: .uint32(integer())
        case 7: .int64(integer())
        case 8: .float(.random(in: -1e9...1e9, using: &self))
        case 9: .double(.random(in: -1e18...1e18, using: &self))
        case 10: .decimal(scale: integer(), value: integer())
        case 11: .longString(bytes(countMax: 40))
        case 12: .bytes(bytes(countMax: 40))
        case 13: .timestamp(integer())
        case 14: .void
        case 15: .array((0..<Int.random(in: 0...4, using: &self)).map { _ in value(depth: depth - 1) })
        default: .table(table(depth: depth - 1))
        }
    }

    mutating func properties() -> BasicProperties {
        var properties = BasicProperties()
        if flag() { properties.contentType = text() }
        if flag() { properties.contentEncoding = text() }
        if flag() { properties.headers = table() }
        if flag() { properties.deliveryMode = integer() }
        if flag() { properties.priority = integer() }
        if flag() { properties.correlationID = text() }
        if flag() { properties.replyTo = text() }
        if flag() { properties.expiration = text() }
        if flag() { properties.messageID = text() }
        if flag() { properties.timestamp = integer() }
        if flag() { properties.type = text() }
        if flag() { properties.userID = text() }
        if flag() { properties.appID = text() }
        if flag() { properties.clusterID = text() }
        return properties
    }
}
