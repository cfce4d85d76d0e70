import AMQPProtocol
import Logging
import SegmentLog

// From what was found to the broker: everything durable is made as it was.

extension Recovery {
    /// Reads the topology that a checkpoint names.
    func adoptTopology(_ records: [TopologyJournal.Placed]) {
        isFromCheckpoint = true
        // What has been moved since stands behind the checkpoint.
        tombstones.removeAll { log.isMissing($0.record.position) }
        var reader = log.makeRecordReader()
        for record in records.sorted(by: { $0.position < $1.position }) {
            guard let payload = reader.payload(at: record.position),
                let object = payload.withUnsafeBytes({ TopologyRecord(decoding: $0) }), let value = object.value
            else {
                // If its segment has gone since, the log says behind the checkpoint where it is now.
                unreadTopology += 1
                continue
            }
            if case .extensionState(let owner, let number) = object.key {
                states[owner, default: [:]][number] = FoundState(value: Self.stateValue(value), record: record)
            } else {
                topology[object.key] = TopologyObject(value: value, record: record)
            }
        }
    }

    /// Builds everything that was found.
    func restore(into core: BrokerCore) {
        core.nextQueueID = highestQueueID + 1
        core.carriedQueues = carried
        core.restoredStates = states.mapValues { $0.mapValues(\.value) }
        states = [:]
        for case (.virtualHost(let name), let object) in topology {
            let description = object.value["description"]?.stringValue ?? ""
            core.virtualHosts[WireName(name)] = VirtualHost(name: name, description: description, core: core)
        }
        restoreAccess(into: core)
        core.restorePolicies()
        for case (.exchange(let virtualHost, let name), let object) in topology {
            guard let host = core.virtualHosts[WireName(virtualHost)],
                let properties = ExchangeProperties(journalTable: object.value)
            else { continue }
            restoreExchange(name, properties, object.value, in: host)
        }
        for case (.queue(let virtualHost, let name), let object) in topology {
            guard let host = core.virtualHosts[WireName(virtualHost)] else { continue }
            restoreQueue(name, object.value, in: host)
        }
        for host in core.virtualHosts.values { host.restoreHistories() }
        // What is left belongs to queues that are gone, and stands beside messages of others.
        for id in queues.keys { forget(queue: id) }
        for case (.binding(let virtualHost, let source, let identity), _) in topology {
            guard let host = core.virtualHosts[WireName(virtualHost)] else { continue }
            restoreBinding(source, identity, in: host)
        }
        restoreDiscarded(into: core)
        // What is left is of plugins that are not here now; their records stay.
        core.restoredStates = [:]
    }

    /// And tasks, and edits.
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
            case .redrive(let id): core.redrives.restore(id, object.value)
            case .edit(let id): core.edits.restore(id, object.value)
            case .virtualHost, .exchange, .queue, .binding, .extensionState: break
            }
        }
    }

    private func restoreExchange(
        _ name: String, _ properties: ExchangeProperties, _ table: FieldTable, in host: VirtualHost
    ) {
        do {
            let router = try host.core.exchangeTypes.makeRouter(
                type: properties.type, arguments: properties.arguments)
            let id = UInt64(clamping: table["id"]?.integerValue ?? 0)
            let exchange = host.insertExchange(name, properties, router: router, id: id)
            exchange.filter = try host.makeFilter(forExchange: name, properties, id: id)
            if let filter = exchange.filter { host.core.restoredFilters.append(filter) }
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
        let restored = queues.removeValue(forKey: id)
        restored?.mayHaveBeenHandedOut = !wasCleanStop
        let queue = host.insertQueue(
            name, id: id, properties, settings,
            earlierTimesToLive: TimeToLive.earlier(journalValue: table["earlier-ttl"]), restored: restored)
        do {
            queue.setFilter(try host.makeFilter(forQueue: name, properties, id: id))
            if let filter = queue.filter { host.core.restoredFilters.append(filter) }
        } catch {
            logger.error("queue restored without a filter", metadata: ["error": "\(error.replyText)"])
        }
        queue.lastUsedNanoseconds = host.core.nowNanoseconds
        queue.scheduleUnusedExpiry()
        if !queue.ready.isEmpty { queue.markForDelivery() }
    }

    private func restoreBinding(_ source: String, _ identity: Binding.Identity, in host: VirtualHost) {
        guard let exchange = host.exchange(named: source) else { return }
        let target: BindingTarget? =
            switch identity.targetKind {
            case .queue: host.queue(named: identity.target.text).map { .queue($0) }
            case .exchange: host.exchange(named: identity.target.text).map { .exchange($0) }
            }
        guard let target else { return }
        do {
            try host.insertBinding(
                exchange, to: target, routingKey: identity.routingKey.text, arguments: identity.arguments)
        } catch {
            logger.error("binding could not be restored", metadata: ["error": "\(error.replyText)"])
        }
    }

    /// Messages that were rejected by a transaction, or had expired, and did not get to their dead-letter exchange.
    private func restoreDiscarded(into core: BrokerCore) {
        for queue in core.queuesByID.values { queue.holdRestoredUndeliverable() }
        for item in discarded {
            guard let queue = core.queuesByID[item.place.queueID] else { continue }
            let place = QueueLines.Place(sequence: item.place.sequence)
            // It may have been recorded more than once.
            guard queue.ready.isLive(place), !queue.ready.lines[place.line].isOut(at: place.number),
                let found = queue.ready.load(place)
            else { continue }
            queue.ready.take(place)
            let entry = QueueEntry(found, sequence: item.place.sequence)
            queue.readyBytes -= Int(entry.bodyCount)
            queue.discard(entry, item.death)
        }
        for queue in core.queuesByID.values { queue.holdRestoredDelays() }
    }
}
