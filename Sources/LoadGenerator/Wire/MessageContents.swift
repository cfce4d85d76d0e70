import AMQPProtocol

/// Content headers and bodies as they go on the wire, one after the other, for all sizes of a plan.
struct MessageContents: Sendable {
    /// One size's part of the bytes.
    struct Part: Sendable {
        let start: Int
        let count: Int
        /// Where the body's first byte stands, from the part's start.
        let bodyOffset: Int
        let bodySize: Int
    }

    let bytes: [UInt8]
    let parts: [Part]

    init(sizes: [Int], properties: BasicProperties, channel: UInt16, frameMax: Int) {
        var encodedProperties = WireBuffer()
        properties.encode(into: &encodedProperties)
        var buffer = WireBuffer()
        parts = sizes.map { size in
            let start = buffer.count
            buffer.appendContentHeader(
                channel: channel, bodySize: UInt64(size), properties: encodedProperties.bytes)
            let bodyOffset = buffer.count - start + Frame.headerSize
            let body = (0..<size).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            body.withUnsafeBytes { buffer.appendBody(channel: channel, $0, frameMax: frameMax) }
            return Part(start: start, count: buffer.count - start, bodyOffset: bodyOffset, bodySize: size)
        }
        bytes = Array(buffer.bytes)
    }
}
