import AMQPProtocol
import Logging
import Routing
import SegmentLog

extension VirtualHost {
    /// Moves a message to the queue's dead-letter exchange. Leaving the one queue and joining the others is one record in
    /// the log: after a crash the message is in exactly one place. It joins all that want it, or none: what one of them has no
    /// room for stays where it is.
    ///
    /// Whose strategy is at-most-once loses it instead, as in RabbitMQ, where it can't go on.
    func deadLetter(_ letter: PendingDeadLetter, waiter: any PageWaiter) -> DeadLetterOutcome {
        let queue = letter.queue
        guard !queue.isDeleted else { return .moved }
        if queue.isSchedule { return publishScheduled(letter, waiter: waiter) }
        guard let name = queue.settings.deadLetterExchange else { return cannotGo(letter, .noTarget) }
        guard let exchange = exchange(named: name) else { return cannotGo(letter, .noExchange) }
        return withMessage(of: letter, waiter: waiter) { move($0, letter, to: exchange) }
    }

    /// Calls `body` with the message, if that is in memory. One that is lost leaves its queue.
    func withMessage(
        of letter: PendingDeadLetter, waiter: any PageWaiter, _ body: (MessageView) -> DeadLetterOutcome
    ) -> DeadLetterOutcome {
        switch core.messages.access(letter.entry.handle) {
        case .away:
            core.messages.fetch(letter.entry.handle, for: waiter)
            return .away
        case .lost:
            core.edits.dropped(letter.entry, of: letter.queue)
            letter.queue.settle(letter.entry)
            return .moved
        case .here(let message): return body(message)
        }
    }

    /// The message leaves its queue for those that `enqueue` puts it into, if it finds any. The one record says both.
    func leave(
        _ letter: PendingDeadLetter, _ enqueue: (_ origin: MessageOrigin?) -> Void
    ) -> DeadLetterOutcome {
        leave(letter.entry, of: letter.queue, enqueue)
        return .moved
    }

    /// The same for any message that has been taken, or is out.
    func leave(_ entry: QueueEntry, of queue: Queue, _ enqueue: (_ origin: MessageOrigin?) -> Void) {
        guard core.edits.isCopy(entry, of: queue) else { return goOn(entry, of: queue, enqueue) }
        core.edits.follow(entry, of: queue) { goOn(entry, of: queue, enqueue) }
    }

    private func goOn(_ entry: QueueEntry, of queue: Queue, _ enqueue: (_ origin: MessageOrigin?) -> Void) {
        let isLogged = queue.isPersistent && !entry.handle.isTransient
        enqueue(isLogged ? MessageOrigin(entry, of: queue) : nil)
        if isLogged, lastWasLogged {
            queue.settleMoved(entry)
        } else {
            queue.settle(entry)
        }
    }

    private func cannotGo(_ letter: PendingDeadLetter, _ cause: DeadLetterOutcome.Cause) -> DeadLetterOutcome {
        guard letter.queue.settings.deadLetterStrategy == .atMostOnce || letter.isRefused else { return .stays(cause) }
        core.edits.dropped(letter.entry, of: letter.queue)
        letter.queue.settle(letter.entry)
        return .moved
    }

    private func move(
        _ message: MessageView, _ pending: PendingDeadLetter, to exchange: Exchange
    ) -> DeadLetterOutcome {
        let queue = pending.queue
        let letter = DeadLetter(
            message, pending.death.known(nowMilliseconds: core.nowMilliseconds), queue: queue.name,
            routingKey: queue.settings.deadLetterRoutingKey,
            trustsClients: core.configuration.clientDeaths == .trust)
        guard let letter else {
            core.edits.dropped(pending.entry, of: queue)
            queue.settle(pending.entry)
            return .moved
        }
        guard (queue.settings.deadLetterRoutingKey?.utf8.count ?? 0) <= QueueSettings.routingKeyBytesMax else {
            return cannotGo(pending, .routingKeyTooLong)
        }
        if let hopsMax = queue.settings.limits.maxDeadLetterHops, letter.earlierHops >= hopsMax {
            return cannotGo(pending, .hopsMax)
        }
        return letter.withPublication(to: exchange.name) { publication in
            collector.clear()
            route(
                publication, from: exchange, furtherKeys: letter.furtherRoutingKeys, asking: .none)
            guard reachesQueue else {
                filterRound.reset()
                return cannotGo(pending, .noRoute)
            }
            removeCycles(of: letter, from: queue, reason: pending.death.reason)
            let mayBeLost = queue.settings.deadLetterStrategy == .atMostOnce || pending.isRefused
            guard mayBeLost || !isRefusedByAny(bodyCount: publication.body.count) else {
                filterRound.reset()
                return .stays(.noRoom)
            }
            return leave(pending) { origin in
                _ = enqueue(publication, asking: .none, origin: origin)
                for index in 0..<targetQueues.count {
                    targetQueues[index]._withUnsafeGuaranteedRef { $0.noteDeadLetter() }
                }
            }
        }
    }

    var reachesQueue: Bool {
        for index in 0..<collector.count {
            if let queue = queue(at: collector[index]), !queue.isInternal { return true }
        }
        return false
    }

    /// Whether a queue in `collector` is full and does not pass on what it refuses.
    func isRefusedByAny(bodyCount: Int) -> Bool {
        for index in 0..<collector.count {
            guard let queue = queue(at: collector[index]) else { continue }
            if queue.refuses(bodyCount: bodyCount), !queue.passesRefusedOn { return true }
        }
        return false
    }

    /// Once for each way round, as in RabbitMQ.
    private func warnOfCycle(from source: Queue, to target: Queue, reason: DeadLetterReason) {
        let cycle = DeadLetterCycle(sourceID: source.id, targetID: target.id)
        guard knownCycles.count < Self.knownCyclesMax, knownCycles.insert(cycle).inserted else { return }
        logger.warning(
            "dead-letter cycle: messages that go round without having been rejected are dropped",
            metadata: [
                "queue": "\(target.name)", "from": "\(source.name)", "vhost": "\(name)",
                "deadLetterExchange": "\(source.settings.deadLetterExchange ?? "")", "reason": "\(reason.rawValue)",
            ])
    }

    /// Drops from `collector` the queues that the message went round to without anybody having rejected it.
    private func removeCycles(of letter: DeadLetter, from source: Queue, reason: DeadLetterReason) {
        guard reason != .rejected else { return }
        var kept: [DestinationID] = []
        for index in 0..<collector.count {
            let destination = collector[index]
            if let queue = queue(at: destination), letter.isCycle(to: queue.name) {
                warnOfCycle(from: source, to: queue, reason: reason)
                continue
            }
            kept.append(destination)
        }
        guard kept.count < collector.count else { return }
        collector.clear()
        for destination in kept { collector.insert(destination) }
    }
}
