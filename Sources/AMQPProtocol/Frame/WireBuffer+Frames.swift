extension WireBuffer {
    /// A method frame. Methods are not split: what is longer than the peer's frame-max is the caller's mistake.
    public mutating func appendMethodFrame<Arguments: AMQPMethod>(channel: UInt16, _ method: Arguments) {
        appendMethodFrame(channel: channel) { buffer in
            buffer.append(Arguments.id.rawValue)
            method.encode(into: &buffer)
        }
    }

    /// A method frame. Methods are not split: what is longer than the peer's frame-max is the caller's mistake.
    public mutating func appendMethodFrame(channel: UInt16, _ method: Method) {
        appendMethodFrame(channel: channel) { method.encode(into: &$0) }
    }

    private mutating func appendMethodFrame(channel: UInt16, payload: (inout WireBuffer) -> Void) {
        append(FrameType.method.rawValue)
        append(channel)
        appendLengthPrefixed(payload)
        append(Frame.end)
    }

    /// A content header frame of class basic. `properties` are flags and list as they go on the wire.
    public mutating func appendContentHeader(channel: UInt16, bodySize: UInt64, properties: UnsafeRawBufferPointer) {
        let size = Frame.overhead + FrameWriter.contentHeaderFixedSize + properties.count
        var writer = FrameWriter(extend(by: size), count: size)
        writer.putContentHeader(channel: channel, bodySize: bodySize, properties: properties)
        writer.finish()
    }

    /// Body frames of at most `frameMax` bytes each, overhead included; none for an empty body.
    public mutating func appendBody(channel: UInt16, _ body: UnsafeRawBufferPointer, frameMax: Int) {
        precondition(frameMax > Frame.overhead)
        let payloadMax = frameMax - Frame.overhead
        let size = FrameWriter.bodyFramesSize(body.count, payloadMax: payloadMax)
        var writer = FrameWriter(extend(by: size), count: size)
        writer.putBody(channel: channel, body, payloadMax: payloadMax)
        writer.finish()
    }

    public mutating func appendHeartbeat() {
        append(FrameType.heartbeat.rawValue)
        append(0 as UInt16)
        append(0 as UInt32)
        append(Frame.end)
    }

    public mutating func appendProtocolHeader() {
        append(Frame.protocolHeader)
    }
}
