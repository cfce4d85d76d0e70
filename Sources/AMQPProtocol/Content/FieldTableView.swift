/// A field table read in place: the entries of an encoded table, without its four length octets, that somebody else
/// owns. Nothing is copied or allocated; views must not outlive the bytes.
///
/// Reading is for content that ``validate(_:)`` has passed; on other bytes it stops the process rather than read
/// outside. A name that stands twice: the first counts, as in ``FieldTable``.
public struct FieldTableView {
    public let content: UnsafeRawBufferPointer

    /// A view on content that ``validate(_:)`` has passed.
    @inlinable
    public init(unchecked content: UnsafeRawBufferPointer) {
        self.content = content
    }

    @inlinable public var isEmpty: Bool { content.isEmpty }

    /// The value of that name, found by looking from the front.
    @inlinable
    public func find(_ name: UnsafeRawBufferPointer) -> FieldValueView? {
        for entry in self where entry.name.count == name.count && entry.name.elementsEqual(name) {
            return entry.value
        }
        return nil
    }

    @inlinable
    public func find(_ name: StaticString) -> FieldValueView? {
        find(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// A copy that may outlive the bytes. Names that are not UTF-8 are repaired.
    public func decoded() -> FieldTable {
        FieldTable(map { FieldTable.Entry(name: String(decoding: $0.name, as: UTF8.self), value: $0.value.decoded()) })
    }
}

extension FieldTableView: Sequence {
    public struct Iterator: IteratorProtocol {
        @usableFromInline var reader: WireReader

        @inlinable
        init(_ content: UnsafeRawBufferPointer) {
            reader = WireReader(content)
        }

        @inlinable
        public mutating func next() -> (name: UnsafeRawBufferPointer, value: FieldValueView)? {
            guard !reader.isAtEnd else { return nil }
            guard let name = try? reader.readShortStringBytes(), let value = try? reader.readFieldValueView() else {
                preconditionFailure("a field table was read that had not been validated")
            }
            return (name, value)
        }
    }

    @inlinable
    public func makeIterator() -> Iterator {
        Iterator(content)
    }
}

extension FieldTableView {
    /// Walks the whole content, nested tables and arrays included, without allocating: known type octets, exact
    /// lengths, at most ``FieldTable/nestingMax`` levels below the table itself. Names may be any bytes.
    public static func validate(_ content: UnsafeRawBufferPointer) throws(WireError) {
        try validateTable(content, nestingLeft: FieldTable.nestingMax)
    }

    private static func validateTable(_ content: UnsafeRawBufferPointer, nestingLeft: Int) throws(WireError) {
        var reader = WireReader(content)
        while !reader.isAtEnd {
            try reader.skip(Int(try reader.readUInt8()))
            try validateValue(try reader.readFieldValueView(), nestingLeft: nestingLeft)
        }
    }

    private static func validateValue(_ value: FieldValueView, nestingLeft: Int) throws(WireError) {
        switch value.type {
        case FieldValueView.tableType:
            guard nestingLeft > 0 else { throw .nestedTooDeep }
            try validateTable(value.bytes, nestingLeft: nestingLeft - 1)
        case FieldValueView.arrayType:
            guard nestingLeft > 0 else { throw .nestedTooDeep }
            var reader = WireReader(value.bytes)
            while !reader.isAtEnd {
                try validateValue(try reader.readFieldValueView(), nestingLeft: nestingLeft - 1)
            }
        default:
            break
        }
    }
}

/// A value in a field table, read in place.
public struct FieldValueView {
    /// The type octet, as ``FieldValue`` lists them; besides those `L`, which RabbitMQ reads as `l`.
    public let type: UInt8
    /// The payload, for types that have a length without it.
    public let bytes: UnsafeRawBufferPointer

    @inlinable
    init(type: UInt8, bytes: UnsafeRawBufferPointer) {
        self.type = type
        self.bytes = bytes
    }

    @usableFromInline static let longStringType = UInt8(ascii: "S")
    @usableFromInline static let bytesType = UInt8(ascii: "x")
    @usableFromInline static let arrayType = UInt8(ascii: "A")
    @usableFromInline static let tableType = UInt8(ascii: "F")

    /// The text's bytes, if the value is a long string.
    @inlinable public var longString: UnsafeRawBufferPointer? { type == Self.longStringType ? bytes : nil }

    /// The elements in their order, if the value is an array.
    @inlinable public var elements: FieldArrayView? {
        type == Self.arrayType ? FieldArrayView(unchecked: bytes) : nil
    }

    @inlinable public var table: FieldTableView? {
        type == Self.tableType ? FieldTableView(unchecked: bytes) : nil
    }

    @inlinable public var isVoid: Bool { type == UInt8(ascii: "V") }

    /// The value of any of the integer types, whatever its width; a timestamp is none.
    @inlinable public var integer: Int64? {
        switch type {
        case UInt8(ascii: "b"): Int64(load(as: Int8.self))
        case UInt8(ascii: "B"): Int64(load(as: UInt8.self))
        case UInt8(ascii: "s"): Int64(load(as: Int16.self))
        case UInt8(ascii: "u"): Int64(load(as: UInt16.self))
        case UInt8(ascii: "I"): Int64(load(as: Int32.self))
        case UInt8(ascii: "i"): Int64(load(as: UInt32.self))
        case UInt8(ascii: "l"), UInt8(ascii: "L"): load(as: Int64.self)
        default: nil
        }
    }

    /// The value of a float or a double.
    @inlinable public var floatingPoint: Double? {
        switch type {
        case UInt8(ascii: "f"): Double(Float(bitPattern: load(as: UInt32.self)))
        case UInt8(ascii: "d"): Double(bitPattern: load(as: UInt64.self))
        default: nil
        }
    }

    @inlinable
    func load<Number: FixedWidthInteger>(as type: Number.Type) -> Number {
        Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// A copy that may outlive the bytes.
    public func decoded() -> FieldValue {
        switch type {
        case UInt8(ascii: "t"): .boolean(bytes[0] != 0)
        case UInt8(ascii: "b"): .int8(load(as: Int8.self))
        case UInt8(ascii: "B"): .uint8(bytes[0])
        case UInt8(ascii: "s"): .int16(load(as: Int16.self))
        case UInt8(ascii: "u"): .uint16(load(as: UInt16.self))
        case UInt8(ascii: "I"): .int32(load(as: Int32.self))
        case UInt8(ascii: "i"): .uint32(load(as: UInt32.self))
        case UInt8(ascii: "l"), UInt8(ascii: "L"): .int64(load(as: Int64.self))
        case UInt8(ascii: "f"): .float(Float(bitPattern: load(as: UInt32.self)))
        case UInt8(ascii: "d"): .double(Double(bitPattern: load(as: UInt64.self)))
        case UInt8(ascii: "D"):
            .decimal(
                scale: bytes[0], value: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
        case UInt8(ascii: "S"): .longString(Array(bytes))
        case UInt8(ascii: "x"): .bytes(Array(bytes))
        case UInt8(ascii: "A"): .array(FieldArrayView(unchecked: bytes).map { $0.decoded() })
        case UInt8(ascii: "T"): .timestamp(load(as: UInt64.self))
        case UInt8(ascii: "F"): .table(FieldTableView(unchecked: bytes).decoded())
        case UInt8(ascii: "V"): .void
        default: preconditionFailure("a field value was read that had not been validated")
        }
    }
}

extension FieldValueView {
    /// Whether a headers exchange takes both for equal. As in RabbitMQ integers compare by value whatever their
    /// width, so do float and double, and long strings and byte arrays by their bytes; inside arrays and tables the
    /// types have to be the same too.
    public func equals(_ value: FieldValue) -> Bool {
        switch value {
        case .boolean(let value): type == UInt8(ascii: "t") && (bytes[0] != 0) == value
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64: integer == value.integerValue && integer != nil
        case .float(let value): floatingPoint?.bitPattern == Double(value).bitPattern
        case .double(let value): floatingPoint?.bitPattern == value.bitPattern
        case .longString(let value), .bytes(let value):
            (type == Self.longStringType || type == Self.bytesType) && bytes.elementsEqual(value)
        case .decimal, .timestamp, .array, .table, .void: decoded() == value
        }
    }
}

/// The elements of an encoded array, without its four length octets, read in place.
public struct FieldArrayView: Sequence {
    public let content: UnsafeRawBufferPointer

    /// A view on content that ``FieldTableView/validate(_:)`` has passed.
    @inlinable
    public init(unchecked content: UnsafeRawBufferPointer) {
        self.content = content
    }

    public struct Iterator: IteratorProtocol {
        @usableFromInline var reader: WireReader

        @inlinable
        init(_ content: UnsafeRawBufferPointer) {
            reader = WireReader(content)
        }

        @inlinable
        public mutating func next() -> FieldValueView? {
            guard !reader.isAtEnd else { return nil }
            guard let value = try? reader.readFieldValueView() else {
                preconditionFailure("a field array was read that had not been validated")
            }
            return value
        }
    }

    @inlinable
    public func makeIterator() -> Iterator {
        Iterator(content)
    }
}

extension WireReader {
    /// A type octet and its value, whose inside (of tables and arrays) is not looked at.
    @inlinable
    mutating func readFieldValueView() throws(WireError) -> FieldValueView {
        let type = try readUInt8()
        let byteCount: Int
        switch type {
        case UInt8(ascii: "S"), UInt8(ascii: "x"), UInt8(ascii: "A"), UInt8(ascii: "F"):
            byteCount = Int(try readUInt32())
        case UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "B"): byteCount = 1
        case UInt8(ascii: "s"), UInt8(ascii: "u"): byteCount = 2
        case UInt8(ascii: "I"), UInt8(ascii: "i"), UInt8(ascii: "f"): byteCount = 4
        case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "d"), UInt8(ascii: "T"): byteCount = 8
        case UInt8(ascii: "D"): byteCount = 5
        case UInt8(ascii: "V"): byteCount = 0
        default: throw .unknownFieldType(type)
        }
        return FieldValueView(type: type, bytes: try readBytes(byteCount))
    }
}
