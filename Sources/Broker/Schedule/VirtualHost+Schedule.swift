import AMQPProtocol
import Logging
import Routing
import SegmentLog

// Messages that are to be delivered later. They wait in an internal queue of the virtual host, where the time of their delivery
// is their time to live; then they are published to the exchange that they were for, which moves them in one record.

extension VirtualHost {
    /// The queue that they wait in, for permissions: no client can use it.
    public static let scheduleName = "amq.harrier.scheduled"

    /// Messages that wait for their time; nil as long as there never was one.
    public var scheduledMessages: Queue? { internalQueues[Self.scheduleName] }

    /// The exchange's own filter is asked now: the message has been published. All others are as it is routed.
    func schedule(_ publication: Publication, to exchange: Exchange, milliseconds: UInt64) -> PublishOutcome {
        if let filter = exchange.filter, !admits(publication, by: filter) {
            return outcomeWithoutQueue(publication, isRefused: false)
        }
        var publication = publication
        publication.expirationMilliseconds = milliseconds
        collector.insert(internalQueue(Self.scheduleName, isDurable: true).destination)
        return enqueue(publication)
    }

    /// A scheduled message's time has come: it goes the way of a publish now. Whoever published it has been told long ago that
    /// it is safe, so what no queue wants yet, what a full queue refuses, and whose exchange is not there, stays and is tried
    /// again.
    func publishScheduled(_ letter: PendingDeadLetter, waiter: any PageWaiter) -> DeadLetterOutcome {
        withMessage(of: letter, waiter: waiter) { message in
            guard let exchange = exchange(named: message.exchange) else { return .stays(.noExchange) }
            guard let scheduled = ScheduledMessage(message) else {
                letter.queue.settle(letter.entry)
                return .moved
            }
            return scheduled.withPublication { publication in release(publication, of: letter, to: exchange) }
        }
    }

    private func release(
        _ publication: Publication, of letter: PendingDeadLetter, to exchange: Exchange
    ) -> DeadLetterOutcome {
        collector.clear()
        let headers = publication.properties.headers
        // They were checked when it was published.
        let senderSelected = headers.flatMap { try? SenderSelectedDistribution(PublishHeaders($0)) }
        route(
            publication, from: exchange, furtherKeys: senderSelected?.routingKeys ?? [], asking: .behindExchange)
        // What a filter has kept out, or an exchange keeps for those that are bound later, has been taken.
        guard reachesQueue || filterRound.isInvolved else { return .stays(.noRoute) }
        guard !isRefusedByAny(bodyCount: publication.body.count) else {
            filterRound.reset()
            return .stays(.noRoom)
        }
        return leave(letter) { origin in
            guard let senderSelected, senderSelected.hasBlindCopies else {
                _ = enqueue(publication, asking: .behindExchange, origin: origin)
                return
            }
            let outcome = try? senderSelected.withoutBlindCopies(publication) {
                enqueue($0, asking: .behindExchange, origin: origin)
            }
            if outcome == nil { filterRound.reset() }
        }
    }

    // MARK: Internal queues

    /// A queue of the broker's own, which no client sees: made when it is asked for first, and there as long as the virtual
    /// host or what it belongs to.
    func internalQueue(_ name: String, isDurable: Bool, arguments: FieldTable = [:]) -> Queue {
        if let queue = internalQueues[name] { return queue }
        var properties = QueueProperties(isDurable: isDurable, arguments: arguments)
        properties.isInternal = true
        let resource = ResourceName(.queue, name, in: self.name)
        guard let settings = try? QueueSettings(arguments: arguments, queue: resource) else {
            preconditionFailure("arguments of an internal queue that can't be: \(arguments)")
        }
        let queue = insertQueue(name, id: core.takeQueueID(), properties, settings)
        if isDurable { recordQueue(queue) }
        return queue
    }
}
