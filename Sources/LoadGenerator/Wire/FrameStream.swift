import AMQPProtocol

/// Presents a stream of bytes, cut anywhere, to somebody who takes whole frames. Frames are read where they lie; only
/// one that has not come whole is copied.
struct FrameStream: ~Copyable {
    /// The front of a frame that has not come whole.
    private var partial = WireBuffer()

    /// `take` is given bytes that begin with a frame, and says how many it took: all the whole frames.
    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, to take: (UnsafeRawBufferPointer) throws(LoadError) -> Int
    ) throws(LoadError) {
        var rest = bytes
        if !partial.isEmpty {
            guard try completePartial(from: &rest) else { return }
            let taken = try take(partial.bytes)
            guard taken == partial.count else { throw .protocolViolation("a frame was not taken") }
            partial.clear()
        }
        guard !rest.isEmpty else { return }
        let taken = try take(rest)
        partial.append(UnsafeRawBufferPointer(rebasing: rest[taken...]))
    }

    /// Whether the frame is whole now.
    private mutating func completePartial(from rest: inout UnsafeRawBufferPointer) throws(LoadError) -> Bool {
        move(upTo: Frame.headerSize, from: &rest)
        guard let header = FrameHeader(peeking: partial.bytes) else { return false }
        guard header.type != nil, header.payloadSize <= FrameCursor.payloadBytesMax else {
            // The cursor says what is wrong.
            var cursor = FrameCursor(partial.bytes)
            _ = try cursor.next()
            throw .protocolViolation("a frame that cannot be read")
        }
        move(upTo: header.frameSize, from: &rest)
        return partial.count == header.frameSize
    }

    private mutating func move(upTo count: Int, from rest: inout UnsafeRawBufferPointer) {
        let moved = min(max(count - partial.count, 0), rest.count)
        partial.append(UnsafeRawBufferPointer(rebasing: rest[..<moved]))
        rest = UnsafeRawBufferPointer(rebasing: rest[moved...])
    }
}
