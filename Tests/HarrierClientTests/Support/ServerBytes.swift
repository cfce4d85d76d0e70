import AMQPProtocol

/// Frames as a broker sends them.
struct ServerBytes: ~Copyable {
    private var buffer = WireBuffer()

    var bytes: [UInt8] { Array(buffer.bytes) }

    mutating func method(_ method: Method, channel: UInt16 = 1) {
        buffer.appendMethodFrame(channel: channel, method)
    }

    mutating func heartbeat() {
        buffer.appendHeartbeat()
    }

    /// Header and body frames that follow a method with content.
    mutating func content(
        _ body: [UInt8], properties: BasicProperties = BasicProperties(), channel: UInt16 = 1, frameMax: Int = 131_072
    ) {
        header(bodyBytes: body.count, properties: properties, channel: channel)
        body.withUnsafeBytes { buffer.appendBody(channel: channel, $0, frameMax: frameMax) }
    }

    mutating func header(
        bodyBytes: Int, properties: BasicProperties = BasicProperties(), channel: UInt16 = 1
    ) {
        var encoded = WireBuffer()
        properties.encode(into: &encoded)
        buffer.appendContentHeader(channel: channel, bodySize: UInt64(bodyBytes), properties: encoded.bytes)
    }

    mutating func body(_ body: [UInt8], channel: UInt16 = 1) {
        body.withUnsafeBytes { buffer.appendBody(channel: channel, $0, frameMax: 131_072) }
    }

    mutating func raw(_ bytes: [UInt8]) {
        buffer.append(bytes)
    }

    static func of(_ write: (inout ServerBytes) -> Void) -> [UInt8] {
        var bytes = ServerBytes()
        write(&bytes)
        return bytes.bytes
    }
}
