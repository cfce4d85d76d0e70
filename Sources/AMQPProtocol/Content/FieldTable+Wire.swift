extension FieldTable {
    /// Reads a table with its four length octets, as it stands among a method's arguments.
    public init(from reader: inout WireReader) throws(WireError) {
        try self.init(decoding: try reader.readLongStringBytes())
    }

    /// Reads a table's content, without the length octets. Names that are not UTF-8 are repaired.
    public init(decoding content: UnsafeRawBufferPointer) throws(WireError) {
        try FieldTableView.validate(content)
        self = FieldTableView(unchecked: content).decoded()
    }

    /// Writes the table with its four length octets. It must be nested no deeper than ``nestingMax``, or nobody will
    /// read it; names longer than 255 bytes are cut.
    public func encode(into buffer: inout WireBuffer) {
        buffer.appendLengthPrefixed { buffer in
            for entry in entries {
                buffer.appendShortString(entry.name)
                entry.value.encode(into: &buffer)
            }
        }
    }
}

extension FieldValue {
    /// Writes the type octet and the value.
    public func encode(into buffer: inout WireBuffer) {
        buffer.append(typeOctet)
        switch self {
        case .boolean(let value): buffer.append(value ? 1 : 0 as UInt8)
        case .int8(let value): buffer.append(UInt8(bitPattern: value))
        case .uint8(let value): buffer.append(value)
        case .int16(let value): buffer.append(UInt16(bitPattern: value))
        case .uint16(let value): buffer.append(value)
        case .int32(let value): buffer.append(UInt32(bitPattern: value))
        case .uint32(let value): buffer.append(value)
        case .int64(let value): buffer.append(UInt64(bitPattern: value))
        case .float(let value): buffer.append(value.bitPattern)
        case .double(let value): buffer.append(value.bitPattern)
        case .decimal(let scale, let value):
            buffer.append(scale)
            buffer.append(value)
        case .longString(let bytes), .bytes(let bytes): buffer.appendLongString(bytes)
        case .array(let values):
            buffer.appendLengthPrefixed { buffer in
                for value in values { value.encode(into: &buffer) }
            }
        case .timestamp(let seconds): buffer.append(seconds)
        case .table(let table): table.encode(into: &buffer)
        case .void: break
        }
    }

    private var typeOctet: UInt8 {
        switch self {
        case .boolean: UInt8(ascii: "t")
        case .int8: UInt8(ascii: "b")
        case .uint8: UInt8(ascii: "B")
        case .int16: UInt8(ascii: "s")
        case .uint16: UInt8(ascii: "u")
        case .int32: UInt8(ascii: "I")
        case .uint32: UInt8(ascii: "i")
        case .int64: UInt8(ascii: "l")
        case .float: UInt8(ascii: "f")
        case .double: UInt8(ascii: "d")
        case .decimal: UInt8(ascii: "D")
        case .longString: UInt8(ascii: "S")
        case .bytes: UInt8(ascii: "x")
        case .array: UInt8(ascii: "A")
        case .timestamp: UInt8(ascii: "T")
        case .table: UInt8(ascii: "F")
        case .void: UInt8(ascii: "V")
        }
    }
}

extension WireBuffer {
    /// Four length octets and whatever `write` appends.
    mutating func appendLengthPrefixed(_ write: (inout WireBuffer) -> Void) {
        let lengthOffset = count
        append(0 as UInt32)
        write(&self)
        patch(UInt32(count - lengthOffset - 4), at: lengthOffset)
    }
}
