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
                return schedule(publication, milliseconds: delay)
            }
        }
        route(
            from: exchange, routingKey: publication.routingKey, furtherKeys: senderSelected?.routingKeys ?? [],
            properties: publication.properties)
        guard let senderSelected, senderSelected.hasBlindCopies else { return enqueue(publication) }
        return try senderSelected.withoutBlindCopies(publication) { enqueue($0) }
    }

    /// Adds to `collector` all queues that a message reaches from the exchange. The collector is the work list as well:
    /// an exchange in it is routed from once, with all keys, which makes cycles end and each queue stand in it once.
    func route(
        from exchange: Exchange, routingKey: UnsafeRawBufferPointer, furtherKeys: [[UInt8]], properties: PropertiesView
    ) {
        var next = collector.count
        step(exchange, routingKey, furtherKeys, properties)
        while next < collector.count {
            if case .exchange(let reached) = slots[Int(collector[next].rawValue)] {
                step(reached, routingKey, furtherKeys, properties)
            }
            next += 1
        }
    }

    private func step(
        _ exchange: Exchange, _ routingKey: UnsafeRawBufferPointer, _ furtherKeys: [[UInt8]],
        _ properties: PropertiesView
    ) {
        let before = collector.offeredCount
        exchange.router.route(routingKey: routingKey, properties: properties, into: &collector)
        if !furtherKeys.isEmpty, exchange.router.routesByEveryKey {
            for key in furtherKeys {
                key.withUnsafeBytes {
                    exchange.router.route(routingKey: $0, properties: properties, into: &collector)
                }
            }
        }
        // Nothing matched: on to the alternate exchange, if there is one now.
        if collector.offeredCount == before, let name = exchange.alternateExchange,
            let alternate = self.exchange(named: name)
        {
            collector.insert(alternate.destination)
        }
    }

    /// Enqueues to all queues in `collector`.
    ///
    /// - Parameter origin: the durable place that the message leaves with this. `lastWasLogged` tells whether the record
    ///   of the message says so, too.
    func enqueue(_ publication: Publication, origin: MessageTarget? = nil) -> PublishOutcome {
        targets.removeAll(keepingCapacity: true)
        targetQueues.removeAll(keepingCapacity: true)
        passingQueues.removeAll(keepingCapacity: true)
        let priority = publication.properties.priority ?? 0
        var isRefused = false
        var isDurable = false
        for index in 0..<collector.count {
            guard case .queue(let queue) = slots[Int(collector[index].rawValue)] else { continue }
            if queue.refusesPublishes {
                isRefused = true
                guard queue.passesRefusedOn else { continue }
                passingQueues.append(queue)
            } else {
                targetQueues.append(queue)
            }
            if queue.isPersistent { isDurable = true }
            if core.recordFlags != 0 { core.groupQueueIDs.insert(queue.id) }
            targets.append(MessageTarget(queueID: queue.id, sequence: queue.ready.nextSequence(priority: priority)))
        }
        lastWasLogged = false
        guard !targets.isEmpty else { return isRefused ? .rejected : .unroutable }

        let persistent = isDurable && publication.isPersistent
        lastWasLogged = persistent
        let stored = core.messages.append(
            publication,
            persistent: persistent,
            publishedAtMilliseconds: core.nowMilliseconds,
            targets: targets,
            origin: origin,
            flags: core.recordFlags
        )
        core.enqueuesInTurn += targets.count
        for queue in targetQueues {
            queue.enqueue(
                stored,
                priority: priority,
                bodyCount: publication.body.count,
                expirationMilliseconds: publication.expirationMilliseconds
            )
        }
        for queue in passingQueues {
            queue.passOn(stored, priority: priority, bodyCount: publication.body.count)
        }
        return isRefused ? .rejected : .enqueued(mustBeDurable: persistent)
    }
}
