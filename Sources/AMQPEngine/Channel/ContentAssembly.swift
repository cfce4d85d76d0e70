import AMQPProtocol

/// A message that is being received: basic.publish, its content header, its body frames. The memory is the channel's
/// and kept from message to message.
struct ContentAssembly: ~Copyable {
    enum Expecting {
        case method
        case header
        case body
    }

    private(set) var expecting = Expecting.method
    private(set) var isMandatory = false
    /// Whether the message goes where the one before went.
    private(set) var isRepeated = false
    private var names = WireBuffer(capacity: 64)
    private var exchangeCount = 0
    private var properties = WireBuffer(capacity: 64)
    private var body = WireBuffer(capacity: 64)
    private var bodyCount = 0

    /// Kept of a large body's memory for the next message, in bytes.
    private static let retainedBytesMax = 256 << 10

    var exchange: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: names.bytes[..<exchangeCount]) }
    var routingKey: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: names.bytes[exchangeCount...]) }
    var propertyBytes: UnsafeRawBufferPointer { properties.bytes }
    /// The body so far, where it came in more than one frame.
    var assembledBody: UnsafeRawBufferPointer { body.bytes }

    mutating func begin(_ publish: PublishView) {
        isRepeated =
            publish.exchange.count == exchangeCount && publish.routingKey.count == names.count - exchangeCount
            && publish.mandatory == isMandatory && exchange.starts(withBytesOf: publish.exchange)
            && routingKey.starts(withBytesOf: publish.routingKey)
        names.clear()
        names.append(publish.exchange)
        names.append(publish.routingKey)
        exchangeCount = publish.exchange.count
        isMandatory = publish.mandatory
        expecting = .header
    }

    /// Takes a content header.
    ///
    /// - Returns: the size of the body in bytes. If that is 0, the message is complete.
    /// - Throws: 501 or 505 for a header that is not one, 406 for a body over `bodyBytesMax`.
    mutating func receiveHeader(_ payload: UnsafeRawBufferPointer, bodyBytesMax: Int) throws(AMQPException) -> Int {
        var reader = WireReader(payload)
        let classID: UInt16
        let bodySize: UInt64
        do {
            classID = try reader.readUInt16()
            try reader.skip(MemoryLayout<UInt16>.size)  // The weight, always 0.
            bodySize = try reader.readUInt64()
        } catch {
            throw AMQPException(malformed: error)
        }
        guard classID == MethodID.basicPublish.classID else {
            throw .connection(
                .unexpectedFrame,
                "expected content header for class \(MethodID.basicPublish.classID), got one for class \(classID) "
                    + "instead")
        }
        guard bodySize <= UInt64(bodyBytesMax) else {
            throw .channel(
                .preconditionFailed,
                "message size \(bodySize) is larger than configured max size \(bodyBytesMax)")
        }
        properties.clear()
        properties.append(reader.rest)
        body.clear(retainedBytesMax: Self.retainedBytesMax)
        bodyCount = Int(bodySize)
        expecting = .body
        return bodyCount
    }

    /// Takes a body frame.
    ///
    /// - Returns: the whole body if this frame completes it: the frame's own bytes where they are all of it.
    /// - Throws: 501 for more than the header announced.
    mutating func receiveBody(_ payload: UnsafeRawBufferPointer) throws(AMQPException) -> Bool {
        guard body.count + payload.count <= bodyCount else {
            throw .connection(
                .frameError,
                "body frames hold \(body.count + payload.count) bytes, the header announced \(bodyCount)")
        }
        if body.isEmpty, payload.count == bodyCount { return true }
        body.append(payload)
        return body.count == bodyCount
    }

    /// The message is done with; a method comes next.
    mutating func finish() {
        expecting = .method
    }
}
