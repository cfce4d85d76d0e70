import AMQPProtocol
import Routing

extension VirtualHost {
    /// Remembers where messages like this one go, if that depends on exchange and routing key alone: then the next of them
    /// can be published by `publish(_:along:)`. Otherwise `route` says nothing.
    ///
    /// - Parameter publication: without headers, which might name further keys or a time.
    public func remember(_ route: inout RememberedRoute, of publication: Publication, to exchange: Exchange) {
        route.forget()
        precondition(publication.properties.headers == nil)
        guard exchange.isPredictable else { return }
        collector.clear()
        step(exchange, publication, [], asksFilter: false)
        var next = 0
        while next < collector.count {
            switch slots[Int(collector[next].rawValue)] {
            case .exchange(let reached):
                let isPredictable = reached._withUnsafeGuaranteedRef { reached in
                    if reached.isPredictable { step(reached, publication, [], asksFilter: false) }
                    return reached.isPredictable
                }
                guard isPredictable else { return route.forget() }
            case .queue(let queue):
                let isPlain = queue._withUnsafeGuaranteedRef { queue in
                    route.append(queue)
                    return queue.filter == nil && !queue.isInternal
                }
                guard isPlain else { return route.forget() }
            case .free: preconditionFailure("a router knows a destination that is gone")
            }
            next += 1
        }
        route.remember(generation: core.topologyGeneration)
    }

    /// Enqueues a message that goes where others went before: as `publish` does, without routing it.
    ///
    /// - Parameter publication: without headers, with the exchange and routing key that the route is of.
    /// - Returns: nil if the route does not hold any more, or a queue is full: nothing has happened, and `publish` knows
    ///   what is to be done.
    public func publish(_ publication: Publication, along route: borrowing RememberedRoute) -> PublishOutcome? {
        coreReference._withUnsafeGuaranteedRef { publish(publication, along: route, $0) }
    }

    @inline(__always)
    private func publish(
        _ publication: Publication, along route: borrowing RememberedRoute, _ core: BrokerCore
    ) -> PublishOutcome? {
        guard route.generation == core.topologyGeneration else { return nil }
        targets.removeAll()
        let priority = publication.properties.priority ?? 0
        var isDurable = false
        var persistsAll = false
        var isOpen = true
        for index in 0..<route.queues.count {
            route.queues[index]._withUnsafeGuaranteedRef { queue in
                if queue.mayRefuse, queue.refuses(bodyCount: publication.body.count) { isOpen = false }
                if queue.isPersistent { isDurable = true }
                if queue.persistsAll { persistsAll = true }
                targets.append(
                    MessageTarget(queueID: queue.id, sequence: queue.ready.nextSequence(priority: priority)))
            }
            guard isOpen else { return nil }
        }
        let isPersistent = isDurable && (publication.isPersistent || persistsAll)
        let stored = core.messages.append(
            publication, persistent: isPersistent, publishedAtMilliseconds: core.nowMilliseconds,
            targets: targets.buffer)
        core.enqueuesInTurn += targets.count
        let bodyCount = publication.body.count
        for index in 0..<route.queues.count {
            route.queues[index]._withUnsafeGuaranteedRef { queue in
                queue.enqueue(
                    stored, priority: priority, bodyCount: bodyCount,
                    expirationMilliseconds: publication.expirationMilliseconds)
            }
        }
        return .enqueued(mustBeDurable: isPersistent)
    }
}

extension Exchange {
    /// Whether exchange and routing key alone say where a message without headers goes.
    var isPredictable: Bool { filter == nil && historyLength == 0 && router.routesByKeyAlone }
}
