import AMQPProtocol
import Logging
import Routing
import SegmentLog

extension VirtualHost {
    /// Routes a message and enqueues it: stored once, one index entry for each queue. Consumers get it at the end of
    /// the burst.
    ///
    /// - Throws: 406 for `CC`/`BCC` headers that are not arrays of strings.
    public func publish(_ publication: Publication, to exchange: Exchange) throws(AMQPException) -> PublishOutcome {
        collector.clear()
        var publication = publication
        var senderSelected: SenderSelectedDistribution?
        if let headers = publication.properties.headers {
            senderSelected = try SenderSelectedDistribution(headers)
        }
        route(
            from: exchange, routingKey: publication.routingKey, furtherKeys: senderSelected?.routingKeys ?? [],
            headers: publication.properties.headers)
        guard let senderSelected, senderSelected.hasBlindCopies else { return enqueue(publication) }
        return try senderSelected.withoutBlindCopies(publication.propertyBytes) { bytes, properties in
            publication.propertyBytes = bytes
            publication.properties = properties
            return enqueue(publication)
        }
    }

    /// Adds to `collector` all queues that a message reaches from the exchange. The collector is the work list as well:
    /// an exchange in it is routed from once, with all keys, which makes cycles end and each queue stand in it once.
    func route(
        from exchange: Exchange, routingKey: UnsafeRawBufferPointer, furtherKeys: [[UInt8]], headers: FieldTableView?
    ) {
        var next = collector.count
        step(exchange, routingKey, furtherKeys, headers)
        while next < collector.count {
            if case .exchange(let reached) = slots[Int(collector[next].rawValue)] {
                step(reached, routingKey, furtherKeys, headers)
            }
            next += 1
        }
    }

    private func step(
        _ exchange: Exchange, _ routingKey: UnsafeRawBufferPointer, _ furtherKeys: [[UInt8]],
        _ headers: FieldTableView?
    ) {
        let before = collector.offeredCount
        exchange.router.route(routingKey: routingKey, headers: headers, into: &collector)
        for key in furtherKeys {
            key.withUnsafeBytes { exchange.router.route(routingKey: $0, headers: headers, into: &collector) }
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
    private func enqueue(_ publication: Publication, origin: MessageTarget? = nil) -> PublishOutcome {
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

    // MARK: Dead letters

    /// Moves a message to the queue's dead-letter exchange. Leaving the one queue and joining the others is one record in
    /// the log: after a crash the message is in exactly one place.
    ///
    /// - Returns: false if the message is not in memory: it has been asked for on behalf of `waiter`.
    func deadLetter(_ letter: PendingDeadLetter, waiter: any PageWaiter) -> Bool {
        let (entry, queue) = (letter.entry, letter.queue)
        guard !queue.isDeleted else { return true }
        guard let name = queue.settings.deadLetterExchange, let exchange = exchange(named: name) else {
            queue.settle(entry)
            return true
        }
        switch core.messages.access(entry.handle) {
        case .away:
            core.messages.fetch(entry.handle, for: waiter)
            return false
        case .lost:
            queue.settle(entry)
        case .here(let message):
            move(message, letter, to: exchange)
        }
        return true
    }

    private func move(_ message: MessageView, _ pending: PendingDeadLetter, to exchange: Exchange) {
        let (entry, queue) = (pending.entry, pending.queue)
        let letter = DeadLetter(
            message, reason: pending.reason, queue: queue.name, routingKey: queue.settings.deadLetterRoutingKey,
            nowSeconds: core.nowMilliseconds / 1000)
        guard let letter else { return queue.settle(entry) }
        letter.withPublication(to: exchange.name) { publication in
            collector.clear()
            route(
                from: exchange, routingKey: publication.routingKey, furtherKeys: letter.furtherRoutingKeys,
                headers: publication.properties.headers)
            removeCycles(of: letter, reason: pending.reason)
            let isLogged = queue.isPersistent && !entry.handle.isTransient
            let place = MessageTarget(queueID: queue.id, sequence: entry.sequence)
            _ = enqueue(publication, origin: isLogged ? place : nil)
            if isLogged, lastWasLogged {
                queue.settleMoved(entry)
            } else {
                queue.settle(entry)
            }
        }
    }

    /// Drops from `collector` the queues that the message went round to without anybody having rejected it.
    private func removeCycles(of letter: DeadLetter, reason: DeadLetterReason) {
        guard reason != .rejected else { return }
        var kept: [DestinationID] = []
        for index in 0..<collector.count {
            let destination = collector[index]
            if case .queue(let queue) = slots[Int(destination.rawValue)], letter.isCycle(to: queue.name) {
                logger.warning(
                    "dead-letter cycle: message dropped", metadata: ["queue": "\(queue.name)", "vhost": "\(name)"])
                continue
            }
            kept.append(destination)
        }
        guard kept.count < collector.count else { return }
        collector.clear()
        for destination in kept { collector.insert(destination) }
    }
}
