import AMQPProtocol
import NIOCore

/// Bytes of the socket in, events out: cuts frames and puts the contents of messages together, channel by channel.
/// Belongs to the event loop; needs no lock.
struct InboundDecoder: ~Copyable {
    /// The largest body that is taken, in bytes: RabbitMQ's own ceiling.
    static let bodyBytesMax = 512 << 20
    /// Memory that the announcement of a large body alone can reserve, in bytes.
    private static let bodyReservedBytesMax = 1 << 20

    /// A message of which method, and then header, have come, but not all of its body.
    private struct PartialMessage {
        let method: Method
        var properties: BasicProperties?
        var missingBytes = 0
        var body = ByteBuffer()
    }

    private var frames: FrameDecoder
    /// By channel number; an entry exists only from a method that carries content to the end of that content.
    private var partials: [UInt16: PartialMessage] = [:]

    init(frameBytesMax: Int) {
        frames = FrameDecoder(frameBytesMax: frameBytesMax)
    }

    /// The next event that is complete within `rest`, which is moved behind it; `nil` when more bytes are needed. An
    /// error is what the broker is to be told of, and ends the connection.
    mutating func next(from rest: inout UnsafeRawBufferPointer) throws(AMQPException) -> InboundEvent? {
        while let frame = try frames.next(from: &rest) {
            if let event = try event(of: frame) { return event }
        }
        return nil
    }

    private mutating func event(of frame: FrameDecoder.RawFrame) throws(AMQPException) -> InboundEvent? {
        let channel = frame.header.channel
        switch frame.header.type {
        case .method:
            return try method(channel, frame.payload)
        case .header:
            return try contentHeader(channel, frame.payload)
        case .body:
            return try body(channel, frame.payload)
        case .heartbeat, nil:
            return .heartbeat
        }
    }

    private mutating func method(
        _ channel: UInt16, _ payload: UnsafeRawBufferPointer
    ) throws(AMQPException) -> InboundEvent? {
        let method = try parse(channel) { () throws(WireError) in try Method(decoding: payload) }
        guard partials[channel] == nil else {
            throw .connection(.unexpectedFrame, "\(method.id) on channel \(channel) amid a message's content")
        }
        guard method.id.carriesContent else { return .method(channel: channel, method) }
        partials[channel] = PartialMessage(method: method)
        return nil
    }

    private mutating func contentHeader(
        _ channel: UInt16, _ payload: UnsafeRawBufferPointer
    ) throws(AMQPException) -> InboundEvent? {
        guard var message = partials.removeValue(forKey: channel), message.properties == nil else {
            throw .connection(.unexpectedFrame, "content header on channel \(channel) that no method announced")
        }
        var reader = WireReader(payload)
        let bodyBytes = try parse(channel) { () throws(WireError) in
            try reader.skip(Self.classAndWeightBytes)
            return try reader.readUInt64()
        }
        guard bodyBytes <= Self.bodyBytesMax else {
            throw .connection(.contentTooLarge, "body of \(bodyBytes) bytes, the limit is \(Self.bodyBytesMax)")
        }
        let rest = reader.rest
        let properties = try parse(channel) { () throws(WireError) in try BasicProperties(decoding: rest) }
        guard bodyBytes > 0 else {
            let event = InboundMessage(method: message.method, properties: properties, body: ByteBuffer())
            return .message(channel: channel, event)
        }
        message.properties = properties
        message.missingBytes = Int(bodyBytes)
        partials[channel] = message
        return nil
    }

    private mutating func body(
        _ channel: UInt16, _ payload: UnsafeRawBufferPointer
    ) throws(AMQPException) -> InboundEvent? {
        guard var message = partials.removeValue(forKey: channel), let properties = message.properties else {
            throw .connection(.unexpectedFrame, "body frame on channel \(channel) that no header announced")
        }
        guard payload.count <= message.missingBytes else {
            throw .connection(.unexpectedFrame, "more body on channel \(channel) than its header announced")
        }
        if message.body.capacity == 0 {
            message.body.reserveCapacity(min(message.missingBytes, Self.bodyReservedBytesMax))
        }
        message.body.writeBytes(payload)
        message.missingBytes -= payload.count
        guard message.missingBytes == 0 else {
            partials[channel] = message
            return nil
        }
        let event = InboundMessage(method: message.method, properties: properties, body: message.body)
        return .message(channel: channel, event)
    }

    /// Class id and weight stand in front of the body size.
    private static let classAndWeightBytes = 4

    private func parse<Value>(
        _ channel: UInt16, _ read: () throws(WireError) -> Value
    ) throws(AMQPException) -> Value {
        do {
            return try read()
        } catch {
            throw .connection(.syntaxError, "malformed frame on channel \(channel) (\(error))")
        }
    }
}
