import AMQPProtocol
import SegmentLog

/// Messages' bytes: persistent ones in the segment log, the others in the transient log. A message is stored once, however
/// many queues hold it; each of them owns one reference. Owned by the core.
final class MessageStore {
    let log: SegmentLog
    private let transient: TransientLog

    /// Where a message is now, and what each of its queues has of it.
    struct Stored {
        let handle: MessageHandle
        /// In bytes.
        let share: Int
    }

    init(log: SegmentLog, transient: TransientLog) {
        self.log = log
        self.transient = transient
    }

    /// Bytes of messages held in memory, of both kinds.
    var residentByteCount: Int { log.statistics.residentBytes + transient.residentBytes }

    /// Copies the message into the tail of the log (or of the transient log) with one reference for each target.
    ///
    /// Nothing is durable when this returns: `log.durable` passes the position once it is.
    ///
    /// - Parameters:
    ///   - origin: the place that it leaves with this, for a message that moves.
    ///   - flags: of the record.
    func append(
        _ publication: Publication,
        persistent: Bool,
        publishedAtMilliseconds: UInt64,
        targets: UnsafeBufferPointer<MessageTarget>,
        origin: MessageTarget? = nil,
        flags: UInt16 = 0
    ) -> Stored {
        // Only the log has to know where it comes from.
        let origin = persistent ? origin : nil
        let count =
            MessageView.headBytes + (targets.count + (origin == nil ? 0 : 1)) * MessageView.targetBytes
            + (publication.blindKeyBytes.isEmpty ? 0 : 4 + publication.blindKeyBytes.count)
            + publication.exchange.count + publication.routingKey.count + publication.propertyBytes.count
            + publication.body.count
        let share = Self.share(ofRecord: SegmentLog.recordByteCount(payloadCount: count), among: targets.count)
        if persistent {
            let position = log.append(
                kind: RecordKind.message.rawValue, flags: flags, payloadCount: count, references: targets.count,
                share: share
            ) { payload in
                Self.fill(payload, publication, persistent, publishedAtMilliseconds, targets, origin)
            }
            return Stored(handle: MessageHandle(logged: position), share: share)
        }
        let position = transient.append(payloadCount: count, references: targets.count) { payload in
            Self.fill(payload, publication, persistent, publishedAtMilliseconds, targets, origin)
        }
        return Stored(handle: MessageHandle(transient: position), share: share)
    }

    /// Copies a message of the log, which is valid for this call, to the log's tail: for those queues only, and without
    /// the place that it left once.
    func appendCopy(of message: MessageView, targets: [MessageTarget]) -> Stored {
        let content = message.content
        let count = MessageView.headBytes + targets.count * MessageView.targetBytes + content.count
        let share = Self.share(ofRecord: SegmentLog.recordByteCount(payloadCount: count), among: targets.count)
        let position = log.append(
            kind: RecordKind.message.rawValue, payloadCount: count, references: targets.count, share: share
        ) { payload in
            payload.copyMemory(from: message.head)
            payload.storeBytes(of: UInt32(targets.count).littleEndian, toByteOffset: 24, as: UInt32.self)
            let flags = payload[31] & ~MessageView.originFlag | MessageView.persistentFlag
            payload.storeBytes(of: flags, toByteOffset: 31, as: UInt8.self)
            var offset = MessageView.headBytes
            for target in targets {
                payload.storeBytes(of: target.queueID.littleEndian, toByteOffset: offset, as: UInt64.self)
                payload.storeBytes(of: target.sequence.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
                offset += MessageView.targetBytes
            }
            Self.copy(content, to: payload, at: &offset)
        }
        return Stored(handle: MessageHandle(logged: position), share: share)
    }

    /// What one of `count` queues has of a record, in bytes: a multiple of eight.
    static func share(ofRecord byteCount: Int, among count: Int) -> Int {
        byteCount / max(1, count) & ~7
    }

    /// The message, if it is in memory.
    @inline(__always)
    func access(_ handle: MessageHandle) -> MessageAccess {
        let access = handle.isTransient ? transient.access(handle.position) : log.access(handle.position)
        switch access {
        case .here(let payload): return .here(MessageView(payload: payload))
        case .away: return .away
        case .lost: return .lost
        }
    }

    /// Brings a message into memory, and tells `waiter`.
    func fetch(_ handle: MessageHandle, for waiter: any PageWaiter) {
        if handle.isTransient {
            transient.fetch(handle.position, for: waiter)
        } else {
            log.fetch(handle.position, for: waiter)
        }
    }

    /// Gives one queue's reference back.
    @inline(__always)
    func release(_ handle: MessageHandle, share: Int) {
        if handle.isTransient {
            transient.release(handle.position)
        } else {
            log.release(handle.position, share: share)
        }
    }

    private static func fill(
        _ payload: UnsafeMutableRawBufferPointer,
        _ publication: Publication,
        _ persistent: Bool,
        _ publishedAtMilliseconds: UInt64,
        _ targets: UnsafeBufferPointer<MessageTarget>,
        _ origin: MessageTarget?
    ) {
        func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
            payload.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
        }
        store(publishedAtMilliseconds, at: 0)
        store(publication.expirationMilliseconds ?? MessageView.noExpiration, at: 8)
        store(UInt32(publication.propertyBytes.count), at: 16)
        store(UInt32(publication.body.count), at: 20)
        store(UInt32(targets.count), at: 24)
        store(UInt8(publication.exchange.count), at: 28)
        store(UInt8(publication.routingKey.count), at: 29)
        store(publication.properties.priority ?? 0, at: 30)
        var flags: UInt8 = persistent ? MessageView.persistentFlag : 0
        if origin != nil { flags |= MessageView.originFlag }
        if publication.hasOwnDeaths { flags |= MessageView.ownDeathsFlag }
        if !publication.blindKeyBytes.isEmpty { flags |= MessageView.blindKeysFlag }
        store(flags, at: 31)
        var offset = MessageView.headBytes
        func store(_ target: MessageTarget) {
            store(target.queueID, at: offset)
            store(target.sequence, at: offset + 8)
            offset += MessageView.targetBytes
        }
        for index in 0..<targets.count { store(targets[index]) }
        if let origin { store(origin) }
        if !publication.blindKeyBytes.isEmpty {
            store(UInt32(publication.blindKeyBytes.count), at: offset)
            offset += 4
            copy(publication.blindKeyBytes, to: payload, at: &offset)
        }
        precondition(
            offset + publication.exchange.count + publication.routingKey.count + publication.propertyBytes.count
                + publication.body.count == payload.count)
        guard let start = payload.baseAddress else { return }
        var cursor = ByteCursor(start + offset)
        cursor.putShort(publication.exchange)
        cursor.putShort(publication.routingKey)
        cursor.putShort(publication.propertyBytes)
        cursor.put(publication.body)
    }

    private static func copy(
        _ part: UnsafeRawBufferPointer, to payload: UnsafeMutableRawBufferPointer, at offset: inout Int
    ) {
        guard !part.isEmpty else { return }
        UnsafeMutableRawBufferPointer(rebasing: payload[offset..<offset + part.count]).copyMemory(from: part)
        offset += part.count
    }
}
