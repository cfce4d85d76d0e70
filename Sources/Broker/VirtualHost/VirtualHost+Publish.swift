import AMQPProtocol
import Logging
import Routing
import SegmentLog

extension VirtualHost {
    /// Routes a message and enqueues it: stored once, one index entry for each queue. Consumers get it at the end of
    /// the burst.
    ///
    /// One that is to wait (`x-delay`, `x-deliver-at`) is routed when its time has come; until then it counts as enqueued.
    ///
    /// - Throws: 406 for `CC`/`BCC` headers that are not arrays of strings, and for delays that are none.
    public func publish(_ publication: Publication, to exchange: Exchange) throws(AMQPException) -> PublishOutcome {
        collector.clear()
        var senderSelected: SenderSelectedDistribution?
        if let headers = publication.properties.headers.map({ PublishHeaders($0) }) {
            senderSelected = try SenderSelectedDistribution(headers)
            if let delay = try headers.delayMilliseconds(now: core.nowMilliseconds) {
                return schedule(publication, to: exchange, milliseconds: delay)
            }
        }
        route(
            publication, from: exchange, furtherKeys: senderSelected?.routingKeys ?? [], asking: .all)
        guard let senderSelected, senderSelected.hasBlindCopies else { return enqueue(publication) }
        do {
            return try senderSelected.withoutBlindCopies(publication) { enqueue($0) }
        } catch {
            filterRound.reset()
            throw error
        }
    }

    /// Adds to `collector` all queues that a message reaches from the exchange. The collector is the work list as well:
    /// an exchange in it is routed from once, with all keys, which makes cycles end and each queue stand in it once.
    func route(
        _ publication: Publication, from exchange: Exchange, furtherKeys: [[UInt8]], asking filters: FilterScope
    ) {
        var next = collector.count
        step(exchange, publication, furtherKeys, asksFilter: filters == .all)
        while next < collector.count {
            if case .exchange(let reached) = slots[Int(collector[next].rawValue)] {
                reached._withUnsafeGuaranteedRef {
                    step($0, publication, furtherKeys, asksFilter: filters != .none)
                }
            }
            next += 1
        }
    }

    func step(
        _ exchange: Exchange, _ publication: Publication, _ furtherKeys: [[UInt8]], asksFilter: Bool
    ) {
        // Asked in two steps: who has no filter pays for no reference to one.
        if exchange.filter != nil, asksFilter, let filter = exchange.filter {
            guard admits(publication, by: filter) else { return }
        }
        let before = collector.offeredCount
        exchange.router.route(
            routingKey: publication.routingKey, properties: publication.properties, into: &collector)
        if !furtherKeys.isEmpty, exchange.router.routesByEveryKey {
            for key in furtherKeys {
                key.withUnsafeBytes {
                    exchange.router.route(routingKey: $0, properties: publication.properties, into: &collector)
                }
            }
        }
        // Nothing matched: on to the alternate exchange, if there is one now.
        if collector.offeredCount == before, let name = exchange.alternateExchange,
            let alternate = self.exchange(named: name)
        {
            collector.insert(alternate.destination)
        }
        if exchange.historyLength > 0 { keep(publication, inHistoryOf: exchange) }
    }

    /// Enqueues to all queues in `collector`.
    ///
    /// - Parameters:
    ///   - filters: whether queues' filters are asked.
    ///   - origin: the durable place that the message leaves with this. `lastWasLogged` tells whether the record of the
    ///     message says so, too.
    func enqueue(
        _ publication: Publication, asking filters: FilterScope = .all, origin: MessageOrigin? = nil
    ) -> PublishOutcome {
        targets.removeAll()
        targetQueues.removeAll()
        passingQueues.removeAll()
        let priority = publication.properties.priority ?? 0
        var isRefused = false
        var isDurable = false
        var persistsAll = false
        for index in 0..<collector.count {
            guard case .queue(let queue) = slots[Int(collector[index].rawValue)] else { continue }
            queue._withUnsafeGuaranteedRef { queue in
                guard queue.filter == nil || filters == .none || admits(publication, byFilterOf: queue) else { return }
                if queue.mayRefuse, queue.refuses(bodyCount: publication.body.count) {
                    isRefused = true
                    guard queue.passesRefusedOn else { return }
                    passingQueues.append(.passUnretained(queue))
                } else {
                    targetQueues.append(.passUnretained(queue))
                    if queue.filter != nil { notePassed(queue, priority: priority) }
                }
                if queue.isPersistent { isDurable = true }
                if queue.persistsAll { persistsAll = true }
                if core.recordFlags != 0 { core.groupQueueIDs.insert(queue.id) }
                targets.append(
                    MessageTarget(queueID: queue.id, sequence: queue.ready.nextSequence(priority: priority)))
            }
        }
        lastWasLogged = false
        guard !targets.isEmpty else { return outcomeWithoutQueue(publication, isRefused: isRefused) }
        let persistent = isDurable && (publication.isPersistent || persistsAll)
        lastWasLogged = persistent
        if filterRound.isInvolved {
            return storeWithFilters(publication, isDurable: persistent, isRefused: isRefused) {
                store(publication, priority: priority, persistent: persistent, origin: origin)
            }
        }
        store(publication, priority: priority, persistent: persistent, origin: origin)
        return isRefused ? .rejected : .enqueued(mustBeDurable: persistent)
    }

    /// Stores the message for all of `targets`, and puts it into its queues.
    @inline(__always)
    private func store(_ publication: Publication, priority: UInt8, persistent: Bool, origin: MessageOrigin?) {
        let stored = core.messages.append(
            publication,
            persistent: persistent,
            publishedAtMilliseconds: core.nowMilliseconds,
            targets: targets.buffer,
            origin: origin?.place,
            flags: core.recordFlags
        )
        if let origin, persistent { core.noteSettled(origin.position, in: origin.queue) }
        core.enqueuesInTurn += targets.count
        let bodyCount = publication.body.count
        for index in 0..<targetQueues.count {
            targetQueues[index]._withUnsafeGuaranteedRef { queue in
                queue.enqueue(
                    stored, priority: priority, bodyCount: bodyCount,
                    expirationMilliseconds: publication.expirationMilliseconds)
            }
        }
        for index in 0..<passingQueues.count {
            passingQueues[index]._withUnsafeGuaranteedRef {
                $0.passOn(stored, priority: priority, bodyCount: bodyCount)
            }
        }
    }
}
