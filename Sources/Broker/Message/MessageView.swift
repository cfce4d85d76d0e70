import SegmentLog

/// A stored message, read in place. Valid until the next call that may release messages; never kept.
///
/// Layout of the record's payload (little endian), the same in the segment log and the transient log:
///
///     0  u64  published at, milliseconds since 1970
///     8  u64  expiration in milliseconds from then, all ones for none
///     16 u32  bytes of properties       20 u32  bytes of body
///     24 u32  number of target queues   28 u8   bytes of the exchange's name
///     29 u8   bytes of the routing key  30 u8   priority
///     31 u8   flags: bit 0 = persistent, bit 1 = it has an origin, bit 2 = its deaths are the broker's word,
///             bit 3 = it has blind keys
///     32      targets: u64 queue id, u64 sequence, for each
///     then the origin, if it has one, in the same form: the place that the message leaves as it joins its targets
///     then the blind keys, if it has some: u32 bytes of them, and a `RoutingKeyList`
///     then the exchange's name, the routing key, the properties as they stood in the content header frame, the body
public struct MessageView {
    static let headBytes = 32
    static let targetBytes = 16
    static let noExpiration = UInt64.max
    static let persistentFlag: UInt8 = 1
    static let originFlag: UInt8 = 2
    static let ownDeathsFlag: UInt8 = 4
    static let blindKeysFlag: UInt8 = 8

    let payload: UnsafeRawBufferPointer

    /// - Precondition: `payload` is the whole payload of a message record, checksum verified.
    init(payload: UnsafeRawBufferPointer) {
        self.payload = payload
    }

    /// Whether the sizes in the head add up to the payload's size: asked once, when a log is replayed.
    var isWellFormed: Bool {
        payload.count >= Self.headBytes && (!hasBlindKeys || contentOffset + 4 <= payload.count)
            && bodyOffset + bodyCount == payload.count
    }

    public var publishedAtMilliseconds: UInt64 { load(0) }
    var expirationMilliseconds: UInt64 { load(8) }
    var targetCount: Int { Int(load(24) as UInt32) }
    public var priority: UInt8 { payload[30] }
    public var isPersistent: Bool { payload[31] & Self.persistentFlag != 0 }
    private var hasOrigin: Bool { payload[31] & Self.originFlag != 0 }
    var expires: Bool { expirationMilliseconds != Self.noExpiration }

    var propertiesCount: Int { Int(load(16) as UInt32) }
    /// Size of the body in bytes.
    public var bodyCount: Int { Int(load(20) as UInt32) }

    private var targetsEnd: Int { Self.headBytes + targetCount * Self.targetBytes }
    private var contentOffset: Int { hasOrigin ? targetsEnd + Self.targetBytes : targetsEnd }
    private var hasBlindKeys: Bool { payload[31] & Self.blindKeysFlag != 0 }
    @inline(__always)
    private var exchangeOffset: Int {
        hasBlindKeys ? contentOffset + 4 + Int(load(contentOffset) as UInt32) : contentOffset
    }
    private var routingKeyOffset: Int { exchangeOffset + Int(payload[28]) }
    private var propertiesOffset: Int { routingKeyOffset + Int(payload[29]) }
    private var bodyOffset: Int { propertiesOffset + propertiesCount }

    /// Name of the exchange that the message was published to.
    public var exchange: UnsafeRawBufferPointer { slice(exchangeOffset, Int(payload[28])) }
    public var routingKey: UnsafeRawBufferPointer { slice(routingKeyOffset, Int(payload[29])) }
    /// Property flags and list, as in a content header frame.
    public var properties: UnsafeRawBufferPointer { slice(propertiesOffset, propertiesCount) }
    public var body: UnsafeRawBufferPointer { slice(bodyOffset, bodyCount) }

    /// What a delivery is made of.
    public struct Parts {
        public let exchange: UnsafeRawBufferPointer
        public let routingKey: UnsafeRawBufferPointer
        public let properties: UnsafeRawBufferPointer
        public let body: UnsafeRawBufferPointer
    }

    /// All parts, found in one go.
    public var parts: Parts {
        let exchangeCount = Int(payload[28])
        let routingKeyCount = Int(payload[29])
        var offset = exchangeOffset
        func next(_ count: Int) -> UnsafeRawBufferPointer {
            defer { offset += count }
            return slice(offset, count)
        }
        return Parts(
            exchange: next(exchangeCount), routingKey: next(routingKeyCount), properties: next(propertiesCount),
            body: next(bodyCount))
    }

    /// The queue's id and the message's sequence number there.
    func target(_ index: Int) -> MessageTarget {
        let offset = Self.headBytes + index * Self.targetBytes
        return MessageTarget(queueID: load(offset), sequence: load(offset + 8))
    }

    /// The place that the message left with this record.
    var origin: MessageTarget? { hasOrigin ? target(targetCount) : nil }

    /// What the headers say of deaths was written by the broker, not by a client.
    var hasOwnDeaths: Bool { payload[31] & Self.ownDeathsFlag != 0 }

    /// A `RoutingKeyList` of the keys that only the broker knows of.
    var blindKeyBytes: UnsafeRawBufferPointer {
        hasBlindKeys
            ? slice(contentOffset + 4, exchangeOffset - contentOffset - 4)
            : UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Everything behind the head, the targets and the origin.
    var content: UnsafeRawBufferPointer { slice(contentOffset, payload.count - contentOffset) }
    /// Exchange, routing key, properties and body, one behind the other.
    var contentWithoutBlindKeys: UnsafeRawBufferPointer { slice(exchangeOffset, payload.count - exchangeOffset) }
    var head: UnsafeRawBufferPointer { slice(0, Self.headBytes) }

    /// What the indexes of its queues hold of the message that a record is, if it is one.
    static func forEachEntry(of record: Record, _ body: (_ queueID: UInt64, QueueEntry) -> Void) {
        let view = MessageView(payload: record.payload)
        guard record.kind == RecordKind.message.rawValue, view.isWellFormed else { return }
        let share = MessageStore.share(
            ofRecord: SegmentLog.recordByteCount(payloadCount: record.payload.count), among: view.targetCount)
        for index in 0..<view.targetCount {
            let target = view.target(index)
            body(
                target.queueID,
                QueueEntry(
                    handle: MessageHandle(logged: record.position), sequence: target.sequence,
                    bodyCount: view.bodyCount, share: share))
        }
    }

    private func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: payload[offset..<offset + count])
    }

    private func load<T: FixedWidthInteger>(_ offset: Int) -> T {
        T(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
}
