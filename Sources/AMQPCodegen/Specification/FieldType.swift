/// The wire's types (AMQP 0-9-1, section 4.2), named as the description names them, and how Swift reads and writes
/// each.
enum FieldType: String {
    case octet, short, long, longlong, shortstr, longstr, bit, table, timestamp
    case replyCode = "reply-code"

    var swiftType: String {
        switch self {
        case .octet: "UInt8"
        case .short: "UInt16"
        case .long: "UInt32"
        case .longlong, .timestamp: "UInt64"
        case .shortstr: "String"
        case .longstr: "[UInt8]"
        case .bit: "Bool"
        case .table: "FieldTable"
        case .replyCode: "ReplyCode"
        }
    }

    /// The expression that reads a value from `reader`. Bits are read by the octet instead.
    var readExpression: String {
        switch self {
        case .octet: "try reader.readUInt8()"
        case .short: "try reader.readUInt16()"
        case .long: "try reader.readUInt32()"
        case .longlong, .timestamp: "try reader.readUInt64()"
        case .shortstr: "try reader.readShortString()"
        case .longstr: "try reader.readLongString()"
        case .table: "try FieldTable(from: &reader)"
        case .replyCode: "ReplyCode(rawValue: try reader.readUInt16())"
        case .bit: preconditionFailure("bits are packed")
        }
    }

    /// The statement that passes over a reserved field.
    var skipStatement: String {
        switch self {
        case .octet: "try reader.skip(1)"
        case .short, .replyCode: "try reader.skip(2)"
        case .long: "try reader.skip(4)"
        case .longlong, .timestamp: "try reader.skip(8)"
        case .shortstr: "_ = try reader.readShortStringBytes()"
        case .longstr, .table: "_ = try reader.readLongStringBytes()"
        case .bit: preconditionFailure("bits are packed")
        }
    }

    /// The statement that writes the value called `name` to `buffer`.
    func writeStatement(_ name: String) -> String {
        switch self {
        case .octet, .short, .long, .longlong, .timestamp: "buffer.append(\(name))"
        case .shortstr: "buffer.appendShortString(\(name))"
        case .longstr: "buffer.appendLongString(\(name))"
        case .table: "\(name).encode(into: &buffer)"
        case .replyCode: "buffer.append(\(name).rawValue)"
        case .bit: preconditionFailure("bits are packed")
        }
    }

    /// The statement that writes a reserved field.
    var writeZeroStatement: String {
        switch self {
        case .octet, .shortstr: "buffer.append(0 as UInt8)"
        case .short, .replyCode: "buffer.append(0 as UInt16)"
        case .long, .longstr, .table: "buffer.append(0 as UInt32)"
        case .longlong, .timestamp: "buffer.append(0 as UInt64)"
        case .bit: preconditionFailure("bits are packed")
        }
    }

    /// What a field is when nobody says otherwise, as Swift source; `nil` where only the caller can know.
    var naturalDefault: String? {
        switch self {
        case .bit: "false"
        case .table: "[:]"
        default: nil
        }
    }

    /// A default of the description as Swift source; `nil` if it is no value of the type.
    func literal(_ text: String) -> String? {
        switch self {
        case .octet: UInt8(text).map { "\($0)" }
        case .short: UInt16(text).map { "\($0)" }
        case .long: UInt32(text).map { "\($0)" }
        case .longlong, .timestamp: UInt64(text).map { "\($0)" }
        case .bit: Bool(text).map { "\($0)" }
        case .shortstr: text.utf8.count > 255 || text.contains(where: { "\"\\".contains($0) }) ? nil : "\"\(text)\""
        case .longstr, .table, .replyCode: nil
        }
    }
}
