import AMQPProtocol
import SegmentLog

/// What a record of the log says, for people and tools.
public struct RecordSummary {
    /// The record's kind, `unknown` if this version does not know it.
    public let kind: String
    public let position: UInt64
    public let byteCount: Int
    /// Part of a transaction: it counts only if a `commit` follows.
    public let isMember: Bool
    /// In words.
    public let text: String

    public init(_ record: Record) {
        let known = RecordKind(rawValue: record.kind)
        kind = known.map { "\($0)" } ?? "unknown"
        position = record.position.rawValue
        byteCount = record.payload.count
        isMember = record.flags & RecordKind.Flag.member != 0
        text = known.flatMap { Self.text($0, record.payload) } ?? "\(record.payload.count) bytes that can't be read"
    }

    private static func text(_ kind: RecordKind, _ payload: UnsafeRawBufferPointer) -> String? {
        switch kind {
        case .message: message(payload)
        case .settle, .requeue, .failedReturn, .standing: ranges(kind, payload)
        case .returned: returns(payload)
        case .topology: topology(payload)
        case .start: "the broker was started"
        case .commit: payload.count == 16 ? "commits \(number(payload, 0)) records" : nil
        case .discard:
            payload.count >= 24 && payload.count % 16 == 8
                ? "queue \(number(payload, 0)): \(payload.count / 16) messages from \(number(payload, 8)) on are to be "
                    + "dead-lettered" : nil
        }
    }

    private static func message(_ payload: UnsafeRawBufferPointer) -> String? {
        let view = MessageView(payload: payload)
        guard view.isWellFormed else { return nil }
        let places = (0..<view.targetCount).map { index in
            let target = view.target(index)
            return "\(target.queueID):\(target.sequence)"
        }
        var text = "\(view.bodyCount) bytes, exchange '\(string(view.exchange))', key '\(string(view.routingKey))'"
        text += ", to \(places.joined(separator: " "))"
        if let origin = view.origin { text += ", from \(origin.queueID):\(origin.sequence)" }
        return text
    }

    private static func ranges(_ kind: RecordKind, _ payload: UnsafeRawBufferPointer) -> String? {
        if kind == .standing {
            guard let standing = QueueStanding(decoding: payload) else { return nil }
            let count = standing.ranges.reduce(0) { $0 + $1.count }
            return "queue \(standing.queueID) holds \(count) messages in \(standing.span), line \(standing.line)"
        }
        var queue: UInt64 = 0
        var parts: [String] = []
        let isGood = QueueRanges.read(payload) { id, range in
            queue = id
            parts.append(range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound - 1)")
        }
        return isGood ? "queue \(queue): \(parts.joined(separator: " "))" : nil
    }

    private static func returns(_ payload: UnsafeRawBufferPointer) -> String? {
        guard let statement = ReturnStatement(decoding: payload) else { return nil }
        let parts = statement.returns.map { sequence, count in
            let delay = count.isDelayed ? ", waits until \(count.readyAtMilliseconds)" : ""
            return "\(sequence) \(count.acquired) times, \(count.failed) of them failed\(delay)"
        }
        return "queue \(statement.queueID): has come back: \(parts.joined(separator: "; "))"
    }

    private static func topology(_ payload: UnsafeRawBufferPointer) -> String? {
        guard let record = TopologyRecord(decoding: payload) else { return nil }
        let verb = record.value == nil ? "is gone" : "is there"
        switch record.key {
        case .virtualHost(let name): return "vhost '\(name)' \(verb)"
        case .user(let name): return "user '\(name)' \(verb)"
        case .permission(let user, let host): return "permission of '\(user)' in '\(host)' \(verb)"
        case .topicPermission(let user, let host, let exchange):
            return "topic permission of '\(user)' for '\(exchange)' in '\(host)' \(verb)"
        case .parameter(let host, let component, let name): return "\(component) '\(name)' in '\(host)' \(verb)"
        case .exchange(let host, let name): return "exchange '\(name)' in '\(host)' \(verb)"
        case .queue(let host, let name):
            let id = record.value?["id"]?.integerValue.map { " as \($0)" } ?? ""
            return "queue '\(name)' in '\(host)' \(verb)\(id)"
        case .binding(let host, let source, let identity):
            return "binding '\(source)' to '\(identity.target)', key '\(identity.routingKey)', in '\(host)' \(verb)"
        case .extensionState(let owner, let number): return "\(owner.plugin) of \(owner.id), number \(number), \(verb)"
        case .redrive(let id):
            let status = record.value?["status"]?.stringValue.map { ", \($0)" } ?? ""
            return "task \(id) of moving messages \(verb)\(status)"
        case .edit(let id):
            let status = record.value?["status"]?.stringValue.map { ", \($0)" } ?? ""
            return "edit \(id) of a message \(verb)\(status)"
        }
    }

    private static func string(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func number(_ payload: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
