import AMQPProtocol

extension VirtualHost {
    // MARK: Making

    /// - Throws: 406 for arguments that a filter can't take.
    func makeFilter(
        forExchange name: String, _ properties: ExchangeProperties, id: UInt64
    ) throws(AMQPException) -> PublishFilter? {
        let owner = FilterOwner(
            resource: ResourceName(.exchange, name, in: self.name), exchangeType: properties.type,
            arguments: properties.arguments)
        // One that was written down without an id has no state of its own there.
        return try core.extensions.publishFilters.makeFilter(
            for: owner, id: id, isDurable: properties.isDurable && id != 0, core: core)
    }

    /// - Throws: 406 for arguments that a filter can't take.
    func makeFilter(
        forQueue name: String, _ properties: QueueProperties, id: UInt64
    ) throws(AMQPException) -> PublishFilter? {
        guard !properties.isInternal else { return nil }
        let owner = FilterOwner(
            resource: ResourceName(.queue, name, in: self.name), exchangeType: nil, arguments: properties.arguments)
        return try core.extensions.publishFilters.makeFilter(
            for: owner, id: id, isDurable: properties.isDurable && properties.exclusiveOwner == nil, core: core)
    }

    // MARK: Publishing

    /// Asks an exchange's or a queue's filter about a message. An exchange's is told if the message is accepted.
    @inline(never)
    func admits(_ publication: Publication, by filter: PublishFilter) -> Bool {
        if filter.admits(publication, nowMilliseconds: core.nowMilliseconds) {
            if filter.queue == nil { filterRound.passed.append(FilterRound.Passed(filter: filter, sequence: nil)) }
            return true
        }
        filter.filteredCount += 1
        filterRound.hasFiltered = true
        return false
    }

    /// The same for a queue that has a filter.
    @inline(never)
    func admits(_ publication: Publication, byFilterOf queue: Queue) -> Bool {
        guard let filter = queue.filter else { return true }
        return admits(publication, by: filter)
    }

    /// A queue's filter has let the message pass, or was not asked: it is told when the message is in.
    @inline(never)
    func notePassed(_ queue: Queue, priority: UInt8) {
        guard let filter = queue.filter else { return }
        let sequence = queue.ready.nextSequence(priority: priority)
        filterRound.passed.append(FilterRound.Passed(filter: filter, sequence: sequence))
    }

    /// The message has reached no queue.
    func outcomeWithoutQueue(_ publication: Publication, isRefused: Bool) -> PublishOutcome {
        guard filterRound.isInvolved else { return isRefused ? .rejected : .unroutable }
        defer { filterRound.reset() }
        guard !isRefused else { return .rejected }
        guard filterRound.hasFiltered else { return .unroutable }
        // Queues have kept it out that exchanges let pass: taken, and nothing of it is to survive.
        tellFilters(publication, isDurable: false, isTaken: true)
        return .filtered
    }

    /// Calls `store`, which stores and enqueues the message, and tells the filters that let it pass: in one group of the
    /// log, so that a crash leaves both or neither.
    @inline(never)
    func storeWithFilters(
        _ publication: Publication, isDurable: Bool, isRefused: Bool, _ store: () -> Void
    ) -> PublishOutcome {
        defer { filterRound.reset() }
        // Whoever only remembers it has not taken it.
        let isKeptOnly =
            filterRound.hasHistory && targetQueues.buffer.allSatisfy { $0.takeUnretainedValue().isInternal }
        let isTaken = !isRefused && !isKeptOnly
        // Within a transaction there is a group already.
        if isDurable, core.recordFlags == 0, !filterRound.passed.isEmpty {
            core.asOneGroupOfRecords {
                for target in targets.buffer { core.groupQueueIDs.insert(target.queueID) }
                store()
                tellFilters(publication, isDurable: true, isTaken: isTaken)
            }
        } else {
            store()
            tellFilters(publication, isDurable: isDurable, isTaken: isTaken)
        }
        guard !isRefused else { return .rejected }
        guard isKeptOnly else { return .enqueued(mustBeDurable: isDurable) }
        return filterRound.hasFiltered ? .filtered : .unroutable
    }

    private func tellFilters(_ publication: Publication, isDurable: Bool, isTaken: Bool) {
        for passed in filterRound.passed where passed.sequence != nil || isTaken {
            let acceptance = PublishFilter.Acceptance(
                sequence: passed.sequence ?? 0, isDurable: isDurable, nowMilliseconds: core.nowMilliseconds)
            passed.filter.accepted(publication, acceptance)
        }
    }
}

extension BrokerCore {
    /// What a start found is complete, and the log takes records.
    func tellRestoredFilters() {
        for filter in restoredFilters { filter.recovered(nowMilliseconds: nowMilliseconds) }
        restoredFilters = []
    }
}
