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
        let (entry, queue) = (letter.entry, letter.queue)
        guard !queue.isDeleted else { return .moved }
        if queue.isSchedule { return publishScheduled(letter, waiter: waiter) }
        guard let name = queue.settings.deadLetterExchange, let exchange = exchange(named: name) else {
            return cannotGo(letter, .unroutable)
        }
        switch core.messages.access(entry.handle) {
        case .away:
            core.messages.fetch(entry.handle, for: waiter)
            return .away
        case .lost:
            queue.settle(entry)
            return .moved
        case .here(let message):
            return move(message, letter, to: exchange)
        }
    }

    private func cannotGo(_ letter: PendingDeadLetter, _ outcome: DeadLetterOutcome) -> DeadLetterOutcome {
        guard letter.queue.settings.deadLetterStrategy == .atMostOnce || letter.isRefused else { return outcome }
        letter.queue.settle(letter.entry)
        return .moved
    }

    private func move(
        _ message: MessageView, _ pending: PendingDeadLetter, to exchange: Exchange
    ) -> DeadLetterOutcome {
        let (entry, queue) = (pending.entry, pending.queue)
        let letter = DeadLetter(
            message, reason: pending.reason, queue: queue.name, routingKey: queue.settings.deadLetterRoutingKey,
            nowSeconds: core.nowMilliseconds / 1000)
        guard let letter else {
            queue.settle(entry)
            return .moved
        }
        return letter.withPublication(to: exchange.name) { publication in
            collector.clear()
            route(
                publication, from: exchange, furtherKeys: letter.furtherRoutingKeys, asking: .none)
            guard reachesQueue else {
                filterRound.reset()
                return cannotGo(pending, .unroutable)
            }
            removeCycles(of: letter, reason: pending.reason)
            let mayBeLost = queue.settings.deadLetterStrategy == .atMostOnce || pending.isRefused
            guard mayBeLost || !isRefusedByAny() else {
                filterRound.reset()
                return .refused
            }
            let isLogged = queue.isPersistent && !entry.handle.isTransient
            _ = enqueue(publication, asking: .none, origin: isLogged ? MessageOrigin(entry, of: queue) : nil)
            if isLogged, lastWasLogged {
                queue.settleMoved(entry)
            } else {
                queue.settle(entry)
            }
            return .moved
        }
    }

    private var reachesQueue: Bool {
        for index in 0..<collector.count {
            if case .queue(let queue) = slots[Int(collector[index].rawValue)], !queue.isInternal { return true }
        }
        return false
    }

    /// Whether a queue in `collector` is full and does not pass on what it refuses.
    func isRefusedByAny() -> Bool {
        for index in 0..<collector.count {
            guard case .queue(let queue) = slots[Int(collector[index].rawValue)] else { continue }
            if queue.refusesPublishes, !queue.passesRefusedOn { return true }
        }
        return false
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
