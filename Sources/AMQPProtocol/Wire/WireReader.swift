/// A cursor over bytes that somebody else owns. Every read is checked against the end, so that no input can make it
/// read outside; it must not outlive the bytes, and is not kept beyond the burst that they came in.
public struct WireReader {
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any non-null one will do, since nothing is ever read from it.
        let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        cursor = base
        end = base + bytes.count
    }

    @inlinable public var remaining: Int { end - cursor }
    @inlinable public var isAtEnd: Bool { cursor == end }

    /// What has not been read, without reading it.
    @inlinable public var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: cursor, count: remaining) }

    @inlinable
    public mutating func skip(_ count: Int) throws(WireError) {
        guard count >= 0, count <= remaining else { throw .truncated }
        cursor += count
    }

    @inlinable
    public mutating func readBytes(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { cursor += count }
        return UnsafeRawBufferPointer(start: cursor, count: count)
    }

    @inlinable
    public mutating func readUInt8() throws(WireError) -> UInt8 {
        guard remaining >= 1 else { throw .truncated }
        defer { cursor += 1 }
        return cursor.load(as: UInt8.self)
    }

    @inlinable
    public mutating func readUInt16() throws(WireError) -> UInt16 {
        guard remaining >= 2 else { throw .truncated }
        defer { cursor += 2 }
        return UInt16(bigEndian: cursor.loadUnaligned(as: UInt16.self))
    }

    @inlinable
    public mutating func readUInt32() throws(WireError) -> UInt32 {
        guard remaining >= 4 else { throw .truncated }
        defer { cursor += 4 }
        return UInt32(bigEndian: cursor.loadUnaligned(as: UInt32.self))
    }

    @inlinable
    public mutating func readUInt64() throws(WireError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        defer { cursor += 8 }
        return UInt64(bigEndian: cursor.loadUnaligned(as: UInt64.self))
    }

    /// The bytes of a short string (one length octet, at most 255 bytes), in place.
    @inlinable
    public mutating func readShortStringBytes() throws(WireError) -> UnsafeRawBufferPointer {
        try readBytes(Int(try readUInt8()))
    }

    /// The bytes of a long string (four length octets), in place.
    @inlinable
    public mutating func readLongStringBytes() throws(WireError) -> UnsafeRawBufferPointer {
        try readBytes(Int(try readUInt32()))
    }

    /// A short string that has to be text: names, consumer tags, reply texts.
    public mutating func readShortString() throws(WireError) -> String {
        let bytes = try readShortStringBytes()
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return text
    }

    /// The bytes of a long string, copied.
    public mutating func readLongString() throws(WireError) -> [UInt8] {
        [UInt8](try readLongStringBytes())
    }
}
