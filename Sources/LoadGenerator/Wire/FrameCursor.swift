import AMQPProtocol

/// Walks over the frames in a buffer, in place.
struct FrameCursor {
    /// The longest payload that is taken, in bytes. Content headers may be longer than the negotiated frame-max, and no
    /// more than this is ever kept of a frame that has not come whole.
    static let payloadBytesMax = 16 << 20

    private let bytes: UnsafeRawBufferPointer
    /// How many bytes the frames took that have been handed out.
    private(set) var consumed = 0

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next frame, or `nil` if no whole one is left.
    @inline(__always)
    mutating func next() throws(LoadError) -> RawFrame? {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
        guard let header = FrameHeader(peeking: rest) else { return nil }
        let size = header.payloadSize
        guard let type = header.type, size <= Self.payloadBytesMax else { throw Self.violation(header) }
        guard rest.count >= header.frameSize else { return nil }
        guard rest[size + Frame.headerSize] == Frame.end else {
            throw .protocolViolation("a frame does not end in 0xCE")
        }
        consumed += header.frameSize
        return RawFrame(
            type: type,
            payload: UnsafeRawBufferPointer(rebasing: rest[Frame.headerSize..<Frame.headerSize + size]))
    }

    @inline(never)
    private static func violation(_ header: FrameHeader) -> LoadError {
        // A server that speaks another version answers with its own protocol header, `AMQP` and four octets.
        if header.typeOctet == Frame.protocolHeader[0] { return .broker("the server does not speak AMQP 0-9-1") }
        guard header.type != nil else { return .protocolViolation("unknown frame type \(header.typeOctet)") }
        return .protocolViolation("a frame of \(header.payloadSize) bytes, the limit is \(payloadBytesMax)")
    }
}
