/// Raw stores into memory that has been sized for them. For encoders that have computed their size beforehand: they
/// say where they must come out, and `finish` holds them to it.
struct FrameWriter {
    private var cursor: ByteCursor
    private let end: UnsafeMutableRawPointer

    /// Writing goes straight to the memory: no store is checked until `finish`.
    @inline(__always)
    init(_ memory: UnsafeMutableRawPointer, count: Int) {
        cursor = ByteCursor(memory)
        end = memory + count
    }

    @inline(__always)
    mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
        cursor.put(value)
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        cursor.put(bytes)
    }

    @inline(__always)
    mutating func putShortString(_ bytes: UnsafeRawBufferPointer) {
        put(UInt8(bytes.count))
        cursor.putShort(bytes)
    }

    @inline(__always)
    mutating func putHeader(_ type: FrameType, channel: UInt16, payloadSize: Int) {
        // Seven bytes at once; an eighth is there at least, the frame's end.
        cursor.putFirst(
            Frame.headerSize,
            of: UInt64(type.rawValue) << 56 | UInt64(channel) << 40 | UInt64(UInt32(payloadSize)) << 8)
    }

    @inline(__always)
    mutating func putEnd() {
        put(Frame.end)
    }

    /// The content header frame of class basic.
    @inline(__always)
    mutating func putContentHeader(channel: UInt16, bodySize: UInt64, properties: UnsafeRawBufferPointer) {
        putHeader(.header, channel: channel, payloadSize: FrameWriter.contentHeaderFixedSize + properties.count)
        put(UInt32(MethodID.basicPublish.classID) << 16)
        put(bodySize)
        cursor.putShort(properties)
        putEnd()
    }

    /// The body frames, none for an empty body.
    @inline(__always)
    mutating func putBody(channel: UInt16, _ body: UnsafeRawBufferPointer, payloadMax: Int) {
        if body.count <= payloadMax {
            guard !body.isEmpty else { return }
            putHeader(.body, channel: channel, payloadSize: body.count)
            put(body)
            return putEnd()
        }
        var offset = 0
        while offset < body.count {
            let size = min(payloadMax, body.count - offset)
            putHeader(.body, channel: channel, payloadSize: size)
            put(UnsafeRawBufferPointer(rebasing: body[offset..<offset + size]))
            putEnd()
            offset += size
        }
    }

    /// Everything that was sized has been written, and nothing more.
    @inline(__always)
    func finish() {
        precondition(cursor.address == end, "a frame was not as long as computed")
    }

    /// Class id, weight (always 0) and body size in front of the properties.
    static let contentHeaderFixedSize = 12

    /// The size of all body frames together.
    @inline(__always)
    static func bodyFramesSize(_ bodySize: Int, payloadMax: Int) -> Int {
        let frameCount = bodySize <= payloadMax ? (bodySize == 0 ? 0 : 1) : (bodySize + payloadMax - 1) / payloadMax
        return bodySize + frameCount * Frame.overhead
    }
}
