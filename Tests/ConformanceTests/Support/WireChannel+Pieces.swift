import AMQPProtocol
import Testing

extension WireChannel {
    /// basic.publish and content header, without the body.
    func beginContent(
        bodySize: UInt64, to exchange: String = "", key: String, propertyBytes: [UInt8] = [0, 0]
    ) async throws {
        try await send(BasicPublish(exchange: exchange, routingKey: key))
        try await sendContentHeader(bodySize: bodySize, propertyBytes: propertyBytes)
    }

    func sendContentHeader(classID: UInt16 = 60, bodySize: UInt64, propertyBytes: [UInt8] = [0, 0]) async throws {
        try await client.sendFrame(
            2, on: number,
            frames { buffer in
                buffer.append(classID)
                buffer.append(0 as UInt16)
                buffer.append(bodySize)
                buffer.append(propertyBytes)
            })
    }

    func sendBody(_ bytes: [UInt8]) async throws {
        try await client.sendFrame(3, on: number, bytes)
    }
}
