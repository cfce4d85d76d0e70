import AMQPProtocol

/// Makes events of the bytes that come from a broker.
struct FrameInbox: ~Copyable {
    private struct PartialMessage {
        let channel: UInt16
        let deliveryTag: UInt64
        let isRedelivered: Bool
        let isReturned: Bool
        var isPersistent = false
        var byteCount: Int?
        var body: [UInt8] = []
    }

    private static let roomMin = 64 << 10

    private var received = WireBuffer()
    private var taken = 0
    private var partial: PartialMessage?

    /// Lets `read` fill memory that is given with its size; returns what `read` returned.
    mutating func fill(_ read: (UnsafeMutableRawPointer, Int) -> Int) -> Int {
        received.removeFirst(taken)
        taken = 0
        let before = received.count
        let count = read(received.extend(by: Self.roomMin), Self.roomMin)
        received.truncate(to: before + max(count, 0))
        return count
    }

    /// `nil` until more bytes are there.
    mutating func next() throws(WireError) -> ClientEvent? {
        while let (header, payload) = nextFrame() {
            switch header.type {
            case .method:
                if let event = take(try Method(decoding: payload), channel: header.channel) { return event }
            case .header:
                var reader = WireReader(payload)
                try reader.skip(4)
                partial?.byteCount = Int(try reader.readUInt64())
                partial?.isPersistent = try BasicProperties(decoding: reader.rest).deliveryMode == 2
                if let event = takeCompleteMessage() { return event }
            case .body:
                partial?.body.append(contentsOf: payload)
                if let event = takeCompleteMessage() { return event }
            case .heartbeat, nil: break
            }
        }
        return nil
    }

    /// Valid until the next `fill`.
    private mutating func nextFrame() -> (FrameHeader, UnsafeRawBufferPointer)? {
        let bytes = received.bytes
        guard let header = FrameHeader(peeking: UnsafeRawBufferPointer(rebasing: bytes[taken...])),
            bytes.count - taken >= header.frameSize
        else { return nil }
        let start = taken + Frame.headerSize
        taken += header.frameSize
        return (header, UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.payloadSize]))
    }

    private mutating func take(_ method: Method, channel: UInt16) -> ClientEvent? {
        switch method {
        case .basicDeliver(let deliver):
            partial = PartialMessage(
                channel: channel, deliveryTag: deliver.deliveryTag, isRedelivered: deliver.redelivered,
                isReturned: false)
        case .basicGetOk(let getOk):
            partial = PartialMessage(
                channel: channel, deliveryTag: getOk.deliveryTag, isRedelivered: getOk.redelivered, isReturned: false)
        case .basicReturn:
            partial = PartialMessage(channel: channel, deliveryTag: 0, isRedelivered: false, isReturned: true)
        default: return .method(method, channel: channel)
        }
        return nil
    }

    private mutating func takeCompleteMessage() -> ClientEvent? {
        guard let message = partial, let byteCount = message.byteCount, message.body.count >= byteCount else {
            return nil
        }
        partial = nil
        if message.isReturned { return .returned(channel: message.channel) }
        return .delivery(
            ReceivedMessage(
                channel: message.channel, deliveryTag: message.deliveryTag, isRedelivered: message.isRedelivered,
                isPersistent: message.isPersistent, body: message.body))
    }
}
