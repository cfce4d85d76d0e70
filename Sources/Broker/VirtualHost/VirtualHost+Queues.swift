import AMQPProtocol
import Logging
import Routing

extension VirtualHost {
    /// The name of the queue that a client wants to declare: an empty one asks for one of the broker's making
    /// (`amq.gen-…`).
    ///
    /// - Throws: 403 for reserved names.
    public func nameOfDeclared(_ wanted: String) throws(AMQPException) -> String {
        guard !wanted.isEmpty else { return core.makeQueueName() }
        try Self.refuseReserved(wanted, kind: .queue)
        return wanted
    }

    /// queue.declare, not passive: makes the queue, or checks that the one there is the same.
    ///
    /// A new durable queue is durable once the log is synced up to its present tail.
    ///
    /// - Parameter name: as `nameOfDeclared` gave it.
    /// - Throws: 405 for another connection's exclusive queue, 406 for a difference or a bad argument.
    public func declareQueue(
        _ name: String, _ properties: QueueProperties, by connection: ClientConnection?
    ) throws(AMQPException) -> Queue {
        precondition(!name.isEmpty, "a queue without a name")
        if let existing = queue(named: name) {
            try checkAccess(to: existing, by: connection)
            try checkEquivalence(properties, with: existing)
            existing.lastUsedNanoseconds = core.nowNanoseconds
            return existing
        }
        let resource = ResourceName(.queue, name, in: self.name)
        let settings = try QueueSettings(arguments: properties.arguments, queue: resource)
        if settings.type == .quorum {
            if !properties.isDurable {
                throw .channel(.preconditionFailed, "invalid property 'non-durable' for \(resource.text)")
            }
            if properties.isAutoDelete {
                throw .channel(.preconditionFailed, "invalid property 'auto-delete' for \(resource.text)")
            }
            if properties.exclusiveOwner != nil {
                throw .channel(.preconditionFailed, "invalid property 'exclusive-owner' for \(resource.text)")
            }
        }
        try core.acceptUnknown(
            settings.unknownArguments.filter { !core.extensions.publishFilters.know($0) }, of: resource.text)
        let id = core.takeQueueID()
        let filter = try makeFilter(forQueue: name, properties, id: id)
        let queue = insertQueue(name, id: id, properties, settings)
        queue.setFilter(filter)
        if queue.settings.namedRetry.isIncomplete {
            core.logger.warning(
                "returned messages of the queue are not delayed: x-delayed-retry-min or -list is missing",
                metadata: ["queue": "\(name)", "vhost": "\(self.name)"])
        }
        if queue.isPersistent { recordQueue(queue) }
        queue.lastUsedNanoseconds = core.nowNanoseconds
        queue.scheduleUnusedExpiry()
        return queue
    }

    /// Any use of a queue that is exclusive to another connection is refused.
    ///
    /// - Throws: 405 RESOURCE_LOCKED.
    public func checkAccess(to queue: Queue, by connection: ClientConnection?) throws(AMQPException) {
        guard queue.isExclusive, queue.exclusiveOwnerID != connection?.id else { return }
        throw lockedException(queue)
    }

    private func lockedException(_ queue: Queue) -> AMQPException {
        .channel(
            .resourceLocked,
            "cannot obtain exclusive access to locked \(queue.resourceName.text). It could be originally declared on "
                + "another connection or the exclusive property value does not match that of the original declaration.")
    }

    private func checkEquivalence(_ properties: QueueProperties, with existing: Queue) throws(AMQPException) {
        let resource = existing.resourceName
        try ArgumentEquivalence.check(
            "durable", received: "\(properties.isDurable)", current: "\(existing.isDurable)", of: resource)
        try ArgumentEquivalence.check(
            "auto_delete", received: "\(properties.isAutoDelete)", current: "\(existing.isAutoDelete)", of: resource)
        guard (properties.exclusiveOwner != nil) == existing.isExclusive else { throw lockedException(existing) }
        var received = properties.arguments
        var current = existing.arguments
        // "classic" is what a queue without a type is.
        let type = "x-queue-type"
        if received[type]?.stringValue == "classic", current[type] == nil { received[type] = nil }
        if current[type]?.stringValue == "classic", received[type] == nil { current[type] = nil }
        try ArgumentEquivalence.check(
            QueueSettings.comparedArguments, received: received, current: current, of: resource)
    }

    func insertQueue(
        _ name: String, id: UInt64, _ properties: QueueProperties, _ declared: QueueSettings,
        earlierTimesToLive: [TimeToLive.Epoch] = [], restored: RestoredQueue? = nil
    ) -> Queue {
        let destination = takeSlot()
        let queue = Queue(
            name: name,
            id: id,
            destination: destination,
            virtualHost: self,
            properties: properties,
            declared: declared,
            settings: properties.isInternal ? declared : effectiveSettings(declared, forQueue: name),
            earlierTimesToLive: earlierTimesToLive,
            restored: restored
        )
        core.queuesByID[id] = queue
        if queue.settings.alerts != nil { core.deadLetterAlerts.policyChanged(of: queue) }
        if queue.settings.redrive != nil { core.redriveSchedules.policyChanged(of: queue) }
        slots[Int(destination.rawValue)] = .queue(.passUnretained(queue))
        if properties.isInternal {
            internalQueues[name] = queue
            return queue
        }
        var key = name
        key.withUTF8 { _ = queues.insert(queue, for: UnsafeRawBufferPointer($0)) }
        properties.exclusiveOwner?.exclusiveQueues.append(queue)
        return queue
    }

    /// Writes down how a persistent queue is now.
    func recordQueue(_ queue: Queue) {
        var properties = QueueProperties(
            isDurable: queue.isDurable, isAutoDelete: queue.isAutoDelete, arguments: queue.arguments)
        properties.isInternal = queue.isInternal
        core.journal.put(
            .queue(virtualHost: name, name: queue.name),
            properties.journalTable(id: queue.id, timeToLive: queue.timeToLive))
    }

    /// queue.delete of a queue that is there.
    ///
    /// - Returns: how many messages went with it.
    /// - Throws: 406 if it is in use or not empty and must not be. What waits for a retry or for its dead-letter exchange is in
    ///   it as well.
    public func deleteQueue(_ queue: Queue, ifUnused: Bool, ifEmpty: Bool) throws(AMQPException) -> Int {
        if ifUnused, queue.consumerCount > 0 {
            throw .channel(.preconditionFailed, "\(queue.resourceName.text) in use")
        }
        if ifEmpty, queue.readyCount + queue.delayedCount + queue.undeliverableCount > 0 {
            throw .channel(.preconditionFailed, "\(queue.resourceName.text) not empty")
        }
        let count = queue.readyCount
        delete(queue)
        return count
    }

    /// Takes the queue out of the virtual host; its consumers are cancelled, its bindings and ready messages go.
    func delete(_ queue: Queue) {
        guard !queue.isDeleted else { return }
        queue.isDeleted = true
        core.queuesByID[queue.id] = nil
        freeSlot(queue.destination)
        if queue.isInternal {
            internalQueues[queue.name] = nil
        } else {
            queues.remove(queue.name)
        }
        for binding in queue.incoming.values { remove(binding) }
        if let owner = queue.exclusiveOwnerID.flatMap({ core.connections[$0] }) {
            owner.exclusiveQueues.removeAll { $0 === queue }
        }
        let consumers = queue.consumers.all
        for consumer in consumers {
            queue.consumers.remove(consumer)
            consumer.isCancelled = true
            consumer.channel.consumerCancelled(consumer)
        }
        core.deadLetterAlerts.queueDeleted(queue)
        core.redriveSchedules.queueDeleted(queue)
        queue.releaseAll()
        core.walks.queueDeleted(queue)
        if queue.isPersistent {
            core.journal.delete(.queue(virtualHost: name, name: queue.name))
            core.journal.forgetStates(ofOwner: queue.id)
        }
    }

    // MARK: Consumers

    /// basic.consume on a queue that the connection may use.
    ///
    /// - Throws: 403 if the queue is in exclusive use, or exclusive use is wanted and it is in use.
    public func subscribe(_ consumer: Consumer) throws(AMQPException) {
        let queue = consumer.queue
        let isTaken = queue.consumers.all.contains { $0.isExclusive }
        if isTaken || (consumer.isExclusive && queue.consumerCount > 0) {
            throw .channel(.accessRefused, "\(queue.resourceName.text) in exclusive use")
        }
        queue.add(consumer)
    }
}
