// The ways that a message leaves: one computation of the size, one reservation, and raw stores. `properties` are flags
// and list as they came from the publisher. A content header cannot be split: as in RabbitMQ it is sent whole even to a
// peer whose frame-max it exceeds. Short strings must be 255 bytes at most; `frameMax` is in bytes, overhead included.

extension WireBuffer {
    /// basic.deliver with content header and body.
    public mutating func appendDelivery(
        channel: UInt16, consumerTag: UnsafeRawBufferPointer, deliveryTag: UInt64, redelivered: Bool,
        exchange: UnsafeRawBufferPointer, routingKey: UnsafeRawBufferPointer, properties: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer, frameMax: Int
    ) {
        let fixedSize = 4 + 1 + 8 + 1 + 1 + 1
        let methodSize = fixedSize + consumerTag.count + exchange.count + routingKey.count
        let size = contentSize(methodSize: methodSize, properties: properties, body: body, frameMax: frameMax)
        var writer = FrameWriter(extend(by: size), count: size)
        writer.putHeader(.method, channel: channel, payloadSize: methodSize)
        writer.put(MethodID.basicDeliver.rawValue)
        writer.putShortString(consumerTag)
        writer.put(deliveryTag)
        writer.put((redelivered ? 1 : 0) as UInt8)
        writer.putShortString(exchange)
        writer.putShortString(routingKey)
        writer.putEnd()
        finish(&writer, channel: channel, properties: properties, body: body, frameMax: frameMax)
    }

    /// basic.get-ok with content header and body.
    public mutating func appendGetOk(
        channel: UInt16, deliveryTag: UInt64, redelivered: Bool, exchange: UnsafeRawBufferPointer,
        routingKey: UnsafeRawBufferPointer, messageCount: UInt32, properties: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer, frameMax: Int
    ) {
        let fixedSize = 4 + 8 + 1 + 1 + 1 + 4
        let methodSize = fixedSize + exchange.count + routingKey.count
        let size = contentSize(methodSize: methodSize, properties: properties, body: body, frameMax: frameMax)
        var writer = FrameWriter(extend(by: size), count: size)
        writer.putHeader(.method, channel: channel, payloadSize: methodSize)
        writer.put(MethodID.basicGetOk.rawValue)
        writer.put(deliveryTag)
        writer.put((redelivered ? 1 : 0) as UInt8)
        writer.putShortString(exchange)
        writer.putShortString(routingKey)
        writer.put(messageCount)
        writer.putEnd()
        finish(&writer, channel: channel, properties: properties, body: body, frameMax: frameMax)
    }

    /// basic.return with content header and body.
    public mutating func appendReturn(
        channel: UInt16, replyCode: ReplyCode, replyText: StaticString, exchange: UnsafeRawBufferPointer,
        routingKey: UnsafeRawBufferPointer, properties: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer,
        frameMax: Int
    ) {
        let replyText = UnsafeRawBufferPointer(start: replyText.utf8Start, count: replyText.utf8CodeUnitCount)
        let fixedSize = 4 + 2 + 1 + 1 + 1
        let methodSize = fixedSize + replyText.count + exchange.count + routingKey.count
        let size = contentSize(methodSize: methodSize, properties: properties, body: body, frameMax: frameMax)
        var writer = FrameWriter(extend(by: size), count: size)
        writer.putHeader(.method, channel: channel, payloadSize: methodSize)
        writer.put(MethodID.basicReturn.rawValue)
        writer.put(replyCode.rawValue)
        writer.putShortString(replyText)
        writer.putShortString(exchange)
        writer.putShortString(routingKey)
        writer.putEnd()
        finish(&writer, channel: channel, properties: properties, body: body, frameMax: frameMax)
    }

    @inline(__always)
    private func contentSize(
        methodSize: Int, properties: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, frameMax: Int
    ) -> Int {
        precondition(frameMax > Frame.overhead)
        let headerSize = FrameWriter.contentHeaderFixedSize + properties.count
        let bodySize = FrameWriter.bodyFramesSize(body.count, payloadMax: frameMax - Frame.overhead)
        return methodSize + headerSize + 2 * Frame.overhead + bodySize
    }

    @inline(__always)
    private func finish(
        _ writer: inout FrameWriter, channel: UInt16, properties: UnsafeRawBufferPointer,
        body: UnsafeRawBufferPointer, frameMax: Int
    ) {
        writer.putContentHeader(channel: channel, bodySize: UInt64(body.count), properties: properties)
        writer.putBody(channel: channel, body, payloadMax: frameMax - Frame.overhead)
        writer.finish()
    }
}
