import AMQPProtocol
import SegmentLog

/// Messages' bytes: persistent ones in the segment log, the others in memory. A message is stored once, however many
/// queues hold it; each of them owns one reference. Owned by the core.
final class MessageStore {
    let log: SegmentLog
    private let transient: TransientLog

    init(log: SegmentLog) {
        self.log = log
        self.transient = TransientLog()
    }

    /// Bytes of messages held in memory, of both kinds.
    var residentByteCount: Int { log.statistics.residentBytes + transient.residentBytes }

    /// Copies the message into the tail of the log (or of the transient log) with one reference for each target.
    ///
    /// Nothing is durable when this returns: `log.durable` passes the position once it is.
    func append(
        _ publication: Publication,
        persistent: Bool,
        publishedAtMilliseconds: UInt64,
        targets: [MessageTarget]
    ) -> MessageHandle {
        let count =
            MessageView.headBytes + targets.count * MessageView.targetBytes + publication.exchange.count
            + publication.routingKey.count + publication.propertyBytes.count + publication.body.count
        if persistent {
            let position = log.append(
                kind: RecordKind.message.rawValue, payloadCount: count, references: targets.count
            ) { payload in
                Self.fill(payload, publication, persistent, publishedAtMilliseconds, targets)
            }
            return MessageHandle(logged: position)
        }
        let position = transient.append(payloadCount: count, references: targets.count) { payload in
            Self.fill(payload, publication, persistent, publishedAtMilliseconds, targets)
        }
        return MessageHandle(transient: position)
    }

    /// The message, or `nil` if its record turned out to be damaged on disk (the log has reported it).
    func view(_ handle: MessageHandle) -> MessageView? {
        let payload = handle.isTransient ? transient.payload(at: handle.position) : log.payload(at: handle.position)
        return payload.map { MessageView(payload: $0) }
    }

    /// Gives one queue's reference back.
    func release(_ handle: MessageHandle) {
        if handle.isTransient {
            transient.release(handle.position)
        } else {
            log.release(handle.position)
        }
    }

    private static func fill(
        _ payload: UnsafeMutableRawBufferPointer,
        _ publication: Publication,
        _ persistent: Bool,
        _ publishedAtMilliseconds: UInt64,
        _ targets: [MessageTarget]
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
        store(UInt8(persistent ? 1 : 0), at: 31)
        var offset = MessageView.headBytes
        for index in 0..<targets.count {
            store(targets[index].queueID, at: offset)
            store(targets[index].sequence, at: offset + 8)
            offset += MessageView.targetBytes
        }
        copy(publication.exchange, to: payload, at: &offset)
        copy(publication.routingKey, to: payload, at: &offset)
        copy(publication.propertyBytes, to: payload, at: &offset)
        copy(publication.body, to: payload, at: &offset)
    }

    private static func copy(
        _ part: UnsafeRawBufferPointer, to payload: UnsafeMutableRawBufferPointer, at offset: inout Int
    ) {
        guard !part.isEmpty else { return }
        UnsafeMutableRawBufferPointer(rebasing: payload[offset..<offset + part.count]).copyMemory(from: part)
        offset += part.count
    }
}
