import AMQPProtocol
import Broker

/// What a channel published last, so that a publish that says the same again is recognized by its bytes: it has been read,
/// checked and routed already.
///
/// Most publishers send to one exchange with one routing key for a long time, or in rows.
struct PublishMemo: ~Copyable {
    /// The method frame, whole; empty if nothing is remembered.
    private var frame = WireBuffer(capacity: 64)
    private var exchange = 0..<0
    private var routingKey = 0..<0
    /// What permissions were like.
    private(set) var permissionGeneration: UInt64 = 0
    private(set) var route = RememberedRoute()

    /// Property flags and list of the last message, which ask for nothing special; empty as long as none have been seen.
    private var properties = WireBuffer(capacity: 64)
    private var deliveryMode: UInt8?
    private var priority: UInt8?

    /// In front of the names: frame header, method id, a reserved number.
    private static let namesOffset = Frame.headerSize + 4 + 2

    var isEmpty: Bool { frame.isEmpty }

    mutating func forget() {
        frame.clear()
        route.forget()
    }

    /// Remembers a publish that was carried out.
    mutating func remember(
        _ publication: Publication, to exchange: Exchange, isMandatory: Bool, channel: UInt16,
        permissionGeneration: UInt64
    ) {
        exchange.virtualHost.remember(&route, of: publication, to: exchange)
        frame.clear()
        guard !route.isEmpty else { return }
        let (exchangeName, key) = (publication.exchange, publication.routingKey)
        let end = Self.namesOffset + 1 + exchangeName.count + 1 + key.count + 1
        frame.append(FrameType.method.rawValue)
        frame.append(channel)
        frame.append(UInt32(end - Frame.headerSize))
        frame.append(MethodID.basicPublish.rawValue)
        frame.append(0 as UInt16)
        frame.appendShortString(exchangeName)
        frame.appendShortString(key)
        frame.append((isMandatory ? 1 : 0) as UInt8)
        frame.append(Frame.end)
        let exchangeStart = Self.namesOffset + 1
        self.exchange = exchangeStart..<exchangeStart + exchangeName.count
        let keyStart = self.exchange.upperBound + 1
        routingKey = keyStart..<keyStart + key.count
        self.permissionGeneration = permissionGeneration
    }

    /// Where a message's parts are that was recognized.
    struct Recognized {
        let properties: Range<Int>
        let body: Range<Int>
        /// All of its frames.
        let byteCount: Int
    }

    /// The message that the bytes begin with, if it is there whole, in three frames at most, and is published as the one
    /// that is remembered was.
    ///
    /// - Parameter bytesMax: of a frame's payload, and of a body.
    /// - Returns: nil for anything that should be looked at more closely.
    mutating func recognize(
        _ bytes: UnsafeRawBufferPointer, bytesMax: (frame: Int, body: Int)
    ) -> Recognized? {
        guard !frame.isEmpty, bytes.starts(withBytesOf: frame.bytes) else { return nil }
        guard let header = payload(of: .header, in: bytes, at: frame.count, payloadMax: bytesMax.frame),
            header.count >= FrameLayout.contentHeaderBytes,
            bytes.loadUnaligned(fromByteOffset: header.lowerBound, as: UInt16.self)
                == MethodID.basicPublish.classID.bigEndian
        else { return nil }
        let bodySize = UInt64(
            bigEndian: bytes.loadUnaligned(fromByteOffset: header.lowerBound + 4, as: UInt64.self))
        guard bodySize <= UInt64(bytesMax.body) else { return nil }
        var end = header.upperBound + 1
        var body = 0..<0
        if bodySize > 0 {
            guard let payload = payload(of: .body, in: bytes, at: end, payloadMax: bytesMax.frame),
                payload.count == Int(bodySize)
            else { return nil }
            body = payload
            end = payload.upperBound + 1
        }
        let properties = header.lowerBound + FrameLayout.contentHeaderBytes..<header.upperBound
        let list = UnsafeRawBufferPointer(rebasing: bytes[properties])
        guard !list.isEmpty,
            list.count == self.properties.count && list.starts(withBytesOf: self.properties.bytes) || read(list)
        else { return nil }
        return Recognized(properties: properties, body: body, byteCount: end)
    }

    /// The message that was recognized last.
    @inline(__always)
    func publication(_ found: Recognized, in bytes: UnsafeRawBufferPointer) -> Publication {
        Publication(
            exchange: UnsafeRawBufferPointer(rebasing: bytes[exchange]),
            routingKey: UnsafeRawBufferPointer(rebasing: bytes[routingKey]),
            properties: PropertiesView(deliveryMode: deliveryMode, priority: priority),
            propertyBytes: UnsafeRawBufferPointer(rebasing: bytes[found.properties]),
            body: UnsafeRawBufferPointer(rebasing: bytes[found.body]), expirationMilliseconds: nil)
    }

    private enum FrameLayout {
        /// Class, weight and body size in front of the properties.
        static let contentHeaderBytes = 12
    }

    /// Where the payload of the frame at `offset` is, if that is of that type and of this channel, and there whole.
    @inline(__always)
    private func payload(
        of type: FrameType, in bytes: UnsafeRawBufferPointer, at offset: Int, payloadMax: Int
    ) -> Range<Int>? {
        guard bytes.count - offset >= Frame.overhead,
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt8.self) == type.rawValue,
            bytes.loadUnaligned(fromByteOffset: offset + 1, as: UInt16.self)
                == frame.bytes.loadUnaligned(fromByteOffset: 1, as: UInt16.self)
        else { return nil }
        let size = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 3, as: UInt32.self)))
        let start = offset + Frame.headerSize
        guard size <= payloadMax, bytes.count - start > size, bytes[start + size] == Frame.end else { return nil }
        return start..<start + size
    }

    /// Other properties than those of the message before.
    ///
    /// - Returns: whether they ask for nothing special.
    @inline(never)
    private mutating func read(_ list: UnsafeRawBufferPointer) -> Bool {
        guard let found = try? PropertiesView(validating: list), found.isPlain else { return false }
        properties.clear()
        properties.append(list)
        deliveryMode = found.deliveryMode
        priority = found.priority
        return true
    }
}
