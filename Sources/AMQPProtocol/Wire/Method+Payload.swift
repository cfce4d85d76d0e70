extension Method {
    /// Reads the payload of a method frame: class id, method id, and arguments that fill the rest exactly.
    public init(decoding payload: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(payload)
        let id = MethodID(rawValue: try reader.readUInt32())
        try self.init(id: id, arguments: &reader)
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    /// Writes the payload of a method frame.
    public func encode(into buffer: inout WireBuffer) {
        buffer.append(id.rawValue)
        encodeArguments(into: &buffer)
    }
}
