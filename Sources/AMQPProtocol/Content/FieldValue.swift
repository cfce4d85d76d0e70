/// A value in a field table, one case for each type that RabbitMQ reads and writes; the octet on the wire is given
/// with each (RabbitMQ's AMQP 0-9-1 errata, section 3).
public enum FieldValue: Hashable, Sendable {
    /// `t`
    case boolean(Bool)
    /// `b`
    case int8(Int8)
    /// `B`
    case uint8(UInt8)
    /// `s`
    case int16(Int16)
    /// `u`
    case uint16(UInt16)
    /// `I`
    case int32(Int32)
    /// `i`
    case uint32(UInt32)
    /// `l`
    case int64(Int64)
    /// `f`
    case float(Float)
    /// `d`
    case double(Double)
    /// `D`: value × 10^-scale
    case decimal(scale: UInt8, value: UInt32)
    /// `S`: text by custom, any bytes by grammar
    case longString([UInt8])
    /// `x`
    case bytes([UInt8])
    /// `A`
    case array([FieldValue])
    /// `T`: seconds since 1970
    case timestamp(UInt64)
    /// `F`
    case table(FieldTable)
    /// `V`
    case void
}

extension FieldValue {
    /// A long string of the text's UTF-8.
    public static func string(_ text: String) -> FieldValue {
        .longString(Array(text.utf8))
    }

    /// The value as text, if it is a long string of valid UTF-8.
    public var stringValue: String? {
        guard case .longString(let bytes) = self else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The value of any of the integer types, whatever its width.
    public var integerValue: Int64? {
        switch self {
        case .int8(let value): Int64(value)
        case .uint8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    public var booleanValue: Bool? {
        guard case .boolean(let value) = self else { return nil }
        return value
    }

    public var tableValue: FieldTable? {
        guard case .table(let value) = self else { return nil }
        return value
    }

    public var arrayValue: [FieldValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    /// RabbitMQ's name of the type, as its error texts print it.
    public var typeName: String {
        switch self {
        case .boolean: "bool"
        case .int8: "byte"
        case .uint8: "unsignedbyte"
        case .int16: "short"
        case .uint16: "unsignedshort"
        case .int32: "signedint"
        case .uint32: "unsignedint"
        case .int64: "long"
        case .float: "float"
        case .double: "double"
        case .decimal: "decimal"
        case .longString: "longstr"
        case .bytes: "binary"
        case .array: "array"
        case .timestamp: "timestamp"
        case .table: "table"
        case .void: "void"
        }
    }
}
