import AMQPProtocol

/// Cuts a stream of bytes into frames. Whole frames are read where they lie; only a frame that has not come whole is
/// copied, once.
struct FrameDecoder: ~Copyable {
    /// A frame in place: valid until the next call of ``next(from:)``, and no longer than the bytes given to it.
    struct RawFrame {
        let header: FrameHeader
        let payload: UnsafeRawBufferPointer
    }

    /// Content headers are sent whole, however many headers a message has grown, even beyond the agreed frame-max.
    static let contentHeaderBytesMax = 16 << 20

    /// The largest frame in bytes, overhead included: what this side has proposed. The broker may have agreed to less,
    /// but nothing is gained by holding it to that.
    let frameBytesMax: Int
    /// The front of a frame that has not come whole, or a whole one that has been handed out.
    private var partial = WireBuffer()
    private var isPartialHandedOut = false

    init(frameBytesMax: Int) {
        self.frameBytesMax = frameBytesMax
    }

    /// The next frame that ends within `rest`, which is moved behind it; `nil` when more bytes are needed: then `rest`
    /// is empty, and whatever was there is kept. After an error the decoder is of no more use.
    mutating func next(from rest: inout UnsafeRawBufferPointer) throws(AMQPException) -> RawFrame? {
        if isPartialHandedOut {
            partial.clear()
            isPartialHandedOut = false
        }
        guard partial.isEmpty else { return try nextFromPartial(&rest) }
        if let header = FrameHeader(peeking: rest) {
            try check(header)
            if rest.count >= header.frameSize {
                let frame = try frame(header, UnsafeRawBufferPointer(rebasing: rest[..<header.frameSize]))
                rest = UnsafeRawBufferPointer(rebasing: rest[header.frameSize...])
                return frame
            }
        }
        moveToPartial(upTo: rest.count, from: &rest)
        return nil
    }

    private mutating func nextFromPartial(_ rest: inout UnsafeRawBufferPointer) throws(AMQPException) -> RawFrame? {
        moveToPartial(upTo: Frame.headerSize, from: &rest)
        guard let header = FrameHeader(peeking: partial.bytes) else { return nil }
        try check(header)
        moveToPartial(upTo: header.frameSize, from: &rest)
        guard partial.count == header.frameSize else { return nil }
        isPartialHandedOut = true
        return try frame(header, partial.bytes)
    }

    /// Lets `partial` grow to that many bytes, as far as `rest` reaches.
    private mutating func moveToPartial(upTo count: Int, from rest: inout UnsafeRawBufferPointer) {
        let moved = min(max(count - partial.count, 0), rest.count)
        partial.append(UnsafeRawBufferPointer(rebasing: rest[..<moved]))
        rest = UnsafeRawBufferPointer(rebasing: rest[moved...])
    }

    private func check(_ header: FrameHeader) throws(AMQPException) {
        guard let type = header.type else {
            // A server that speaks another version answers with its own protocol header, `AMQP` and four octets.
            let detail =
                header.typeOctet == Frame.protocolHeader[0]
                ? "the server does not speak AMQP 0-9-1" : "unknown frame type \(header.typeOctet)"
            throw .connection(.frameError, detail)
        }
        let limit = type == .header ? max(frameBytesMax, Self.contentHeaderBytesMax) : frameBytesMax
        guard header.frameSize <= limit else {
            throw .connection(.frameError, "frame of \(header.frameSize) bytes, the limit is \(limit)")
        }
    }

    private func frame(_ header: FrameHeader, _ bytes: UnsafeRawBufferPointer) throws(AMQPException) -> RawFrame {
        guard bytes[header.frameSize - 1] == Frame.end else {
            throw .connection(.frameError, "frame does not end in 0xCE")
        }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[Frame.headerSize..<header.frameSize - 1])
        return RawFrame(header: header, payload: payload)
    }
}
