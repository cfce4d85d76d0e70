import AMQPProtocol
import Logging
import SegmentLog

/// Rebuilds the broker's state from the log's records at the start: first all records in order, then the state at once.
struct Recovery {
    /// What a queue has to know of a message, so that no body is read at the start.
    private struct Stored {
        let position: LogPosition
        let bodyCount: UInt32
        let priority: UInt8
        let expires: Bool
    }

    private struct StoredTarget {
        let queueID: UInt64
        let sequence: UInt64
        let message: Stored
    }

    private enum Step {
        case message([StoredTarget])
        case settle(queueID: UInt64, [Range<UInt64>])
        case topology(TopologyRecord, LogPosition)
    }

    private let logger: Logger
    private var topology: [TopologyKey: (value: FieldTable, position: LogPosition)] = [:]
    /// For each queue, where its messages are, by sequence number.
    private var messages: [UInt64: [UInt64: Stored]] = [:]
    private var highestSequence: [UInt64: UInt64] = [:]
    private var highestQueueID: UInt64 = 0
    /// The steps of a group whose end has not been seen.
    private var openGroup: [Step]?

    init(logger: Logger) {
        self.logger = logger
    }

    var topologyPositions: [TopologyKey: LogPosition] { topology.mapValues(\.position) }

    // MARK: Replay

    mutating func replay(_ record: Record) {
        guard let kind = RecordKind(rawValue: record.kind) else {
            logger.error(
                "record of an unknown kind skipped",
                metadata: ["kind": "\(record.kind)", "position": "\(record.position.rawValue)"])
            return
        }
        switch kind {
        case .groupBegin: openGroup = []
        case .groupEnd: endGroup(record)
        case .start: openGroup = nil
        case .message, .settle, .topology:
            guard let step = step(kind, record) else {
                logger.error(
                    "record that can't be read skipped",
                    metadata: ["kind": "\(kind)", "position": "\(record.position.rawValue)"])
                return
            }
            if openGroup == nil { apply(step) } else { openGroup?.append(step) }
        }
    }

    private mutating func endGroup(_ record: Record) {
        defer { openGroup = nil }
        guard let steps = openGroup, record.payload.count == 8 else { return }
        let count = UInt64(littleEndian: record.payload.loadUnaligned(as: UInt64.self))
        guard count == UInt64(steps.count) else {
            logger.error(
                "group with missing records skipped",
                metadata: [
                    "position": "\(record.position.rawValue)", "expected": "\(count)", "found": "\(steps.count)",
                ])
            return
        }
        for step in steps { apply(step) }
    }

    private func step(_ kind: RecordKind, _ record: Record) -> Step? {
        switch kind {
        case .message:
            let view = MessageView(payload: record.payload)
            guard view.isWellFormed else { return nil }
            let stored = Stored(
                position: record.position,
                bodyCount: UInt32(view.bodyCount),
                priority: view.priority,
                expires: view.expirationMilliseconds != MessageView.noExpiration)
            return .message(
                (0..<view.targetCount).map { index in
                    let target = view.target(index)
                    return StoredTarget(queueID: target.queueID, sequence: target.sequence, message: stored)
                })
        case .settle:
            let payload = record.payload
            guard payload.count >= 8, (payload.count - 8).isMultiple(of: 16) else { return nil }
            func load(_ offset: Int) -> UInt64 {
                UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            }
            var ranges: [Range<UInt64>] = []
            for offset in stride(from: 8, to: payload.count, by: 16) {
                let (end, overflow) = load(offset).addingReportingOverflow(load(offset + 8))
                guard !overflow else { return nil }
                ranges.append(load(offset)..<end)
            }
            return .settle(queueID: load(0), ranges)
        case .topology:
            return TopologyRecord(decoding: record.payload).map { .topology($0, record.position) }
        case .groupBegin, .groupEnd, .start: return nil
        }
    }

    private mutating func apply(_ step: Step) {
        switch step {
        case .message(let targets):
            for target in targets {
                messages[target.queueID, default: [:]][target.sequence] = target.message
                highestSequence[target.queueID] = max(highestSequence[target.queueID] ?? 0, target.sequence)
                highestQueueID = max(highestQueueID, target.queueID)
            }
        case .settle(let queueID, let ranges):
            for range in ranges where messages[queueID] != nil {
                for sequence in range { messages[queueID]?[sequence] = nil }
            }
        case .topology(let record, let position):
            if case .queue = record.key {
                // Deleted or declared anew: what an earlier queue of that name held is gone.
                if let id = topology[record.key]?.value["id"]?.integerValue,
                    record.value?["id"]?.integerValue != id
                {
                    messages[UInt64(id)] = nil
                }
                highestQueueID = max(highestQueueID, UInt64(record.value?["id"]?.integerValue ?? 0))
            }
            topology[record.key] = record.value.map { ($0, position) }
        }
    }

    // MARK: Restore

    /// Builds everything that was found, and tells the log what is alive.
    func restore(into core: BrokerCore) {
        core.nextQueueID = highestQueueID + 1
        for case (.virtualHost(let name), let object) in topology {
            let description = object.value["description"]?.stringValue ?? ""
            core.virtualHosts[name] = VirtualHost(name: name, description: description, core: core)
        }
        restoreAccess(into: core)
        for case (.exchange(let virtualHost, let name), let object) in topology {
            guard let host = core.virtualHosts[virtualHost],
                let properties = ExchangeProperties(journalTable: object.value)
            else { continue }
            restoreExchange(name, properties, in: host)
        }
        for case (.queue(let virtualHost, let name), let object) in topology {
            guard let host = core.virtualHosts[virtualHost] else { continue }
            restoreQueue(name, object.value, in: host)
        }
        for case (.binding(let virtualHost, let source, let identity), _) in topology {
            guard let host = core.virtualHosts[virtualHost] else { continue }
            restoreBinding(source, identity, in: host)
        }
        for object in topology.values {
            core.log.restoreReferences(at: object.position, count: 1, pinned: true)
        }
    }

    private func restoreAccess(into core: BrokerCore) {
        for (key, object) in topology {
            switch key {
            case .user(let name):
                core.access.restore(User(name: name, journalTable: object.value))
            case .permission(let user, let virtualHost):
                core.access.restore(Permission(journalTable: object.value), user: user, virtualHost: virtualHost)
            case .topicPermission(let user, let virtualHost, let exchange):
                core.access.restore(
                    Permission(journalTable: object.value), user: user, virtualHost: virtualHost, exchange: exchange)
            case .parameter(let virtualHost, let component, let name):
                let key = ParameterKey(virtualHost: virtualHost, component: component, name: name)
                core.parameters[key] = object.value["value"]
            case .virtualHost, .exchange, .queue, .binding: break
            }
        }
    }

    private func restoreExchange(_ name: String, _ properties: ExchangeProperties, in host: VirtualHost) {
        do {
            let router = try host.core.exchangeTypes.makeRouter(
                type: properties.type, arguments: properties.arguments)
            host.insertExchange(
                name, properties, alternateExchange: properties.arguments["alternate-exchange"]?.stringValue,
                router: router)
        } catch {
            logger.error(
                "exchange could not be restored", metadata: ["exchange": "\(name)", "error": "\(error.replyText)"])
        }
    }

    private func restoreQueue(_ name: String, _ table: FieldTable, in host: VirtualHost) {
        let properties = QueueProperties(journalTable: table)
        let resource = ResourceName(.queue, name, in: host.name)
        guard let id = table["id"]?.integerValue.map(UInt64.init) else { return }
        let settings: QueueSettings
        do {
            settings = try QueueSettings(arguments: properties.arguments, queue: resource)
        } catch {
            logger.error("queue restored without its arguments", metadata: ["error": "\(error.replyText)"])
            settings = QueueSettings()
        }
        let queue = host.insertQueue(name, id: id, properties, settings)
        queue.nextSequence = (highestSequence[id] ?? 0) + 1
        for (sequence, message) in (messages[id] ?? [:]).sorted(by: { $0.key < $1.key }) {
            host.core.log.restoreReferences(at: message.position, count: 1, pinned: false)
            // Whether it was handed out before the stop is not recorded: it may have been.
            queue.enqueue(
                QueueEntry(handle: MessageHandle(logged: message.position), sequence: sequence, redelivered: true),
                priority: message.priority,
                bodyCount: Int(message.bodyCount),
                expires: message.expires
            )
        }
        queue.lastUsedNanoseconds = host.core.nowNanoseconds
        queue.scheduleUnusedExpiry()
    }

    private func restoreBinding(_ source: String, _ identity: Binding.Identity, in host: VirtualHost) {
        guard let exchange = host.exchange(named: source) else { return }
        let target: BindingTarget? =
            switch identity.targetKind {
            case .queue: host.queue(named: identity.target).map { .queue($0) }
            case .exchange: host.exchange(named: identity.target).map { .exchange($0) }
            }
        guard let target else { return }
        do {
            try host.insertBinding(
                exchange, to: target, routingKey: identity.routingKey, arguments: identity.arguments)
        } catch {
            logger.error("binding could not be restored", metadata: ["error": "\(error.replyText)"])
        }
    }
}
