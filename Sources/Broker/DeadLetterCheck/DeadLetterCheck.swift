import AMQPProtocol

/// Looks for what is wrong with where a virtual host's dead letters go.
struct DeadLetterCheck {
    private(set) var problems: [DeadLetterProblem] = []
    private let topology: DeadLetterTopology
    private let facts: [WireName: QueueFacts]
    /// By queue: where its dead letters come to.
    private var next: [WireName: [WireName]] = [:]

    init(_ topology: DeadLetterTopology, missingExchanges: Set<WireName>) {
        self.topology = topology
        facts = Dictionary(topology.queues.map { (WireName($0.name), $0) }) { first, _ in first }
        for queue in topology.queues {
            guard let route = queue.deadLetterRoute else { continue }
            next[WireName(queue.name)] = (topology.reached[route] ?? []).map { WireName($0) }
        }
        for queue in topology.queues {
            checkRoute(of: queue, missingExchanges)
            checkLoops(of: queue)
            checkLosses(of: queue)
        }
    }

    private mutating func add(
        _ queue: QueueFacts, _ severity: DeadLetterProblem.Severity, _ name: String, _ text: String
    ) {
        problems.append(DeadLetterProblem(queue: queue.name, severity: severity, name: name, text: text))
    }

    private mutating func checkRoute(of queue: QueueFacts, _ missing: Set<WireName>) {
        if queue.undeliverableCount > 0 {
            add(
                queue, .error, "undeliverable",
                "\(queue.undeliverableCount) dead letters have nowhere to go, and wait in the queue")
        }
        guard let route = queue.deadLetterRoute else { return }
        let fate = queue.dropsStrayDeadLetters ? "dead letters are dropped" : "dead letters will get stuck in the queue"
        if missing.contains(route.exchange) {
            add(queue, .error, "no_exchange", "its dead-letter exchange '\(route.exchange)' is not there: \(fate)")
        } else if next[WireName(queue.name)]?.isEmpty ?? true {
            // With each message's own key, the default exchange leads who knows where.
            if route.exchange.text.isEmpty, route.routingKey == nil {
                add(
                    queue, .warning, "own_key",
                    "its dead letters go to the default exchange with their own keys, which for most leads back here")
            } else {
                add(
                    queue, .error, "no_queue",
                    "no queue gets what its dead-letter exchange '\(route.exchange)' is given: \(fate)")
            }
        }
    }

    private mutating func checkLoops(of queue: QueueFacts) {
        let start = WireName(queue.name)
        guard let first = next[start] else { return }
        if first.contains(start) {
            add(
                queue, .warning, "own_dead_letters",
                "its dead letters come back to it: rejected ones go round for ever, expired ones are dropped")
            return
        }
        // With queues of both kinds it is a retry: messages are rejected in the one, and wait for their time in the other.
        let isWaiting = queue.messageTTLMilliseconds != nil
        guard isLoop(through: start, of: { ($0.messageTTLMilliseconds != nil) == isWaiting }) else { return }
        add(
            queue, .warning, "loop",
            "its dead letters come back to it by way of other queues, and nothing holds them up there: rejected ones go round "
                + "for ever, expired ones are dropped as a cycle; x-max-dead-letter-hops bounds it")
    }

    /// Whether dead letters may come back to where they died by way of such queues alone.
    private func isLoop(through start: WireName, of isMeant: (QueueFacts) -> Bool) -> Bool {
        var seen: Set<WireName> = []
        var left = [start]
        while let name = left.popLast() {
            for following in next[name] ?? [] {
                if following == start { return true }
                guard facts[following].map(isMeant) ?? false, seen.insert(following).inserted else { continue }
                left.append(following)
            }
        }
        return false
    }

    private mutating func checkLosses(of queue: QueueFacts) {
        guard queue.deadLetterRoute == nil else { return }
        if topology.sources[WireName(queue.name)] != nil {
            if queue.messageTTLMilliseconds != nil {
                add(
                    queue, .warning, "dead_letters_expire",
                    "dead letters come here, expire, and are gone: it has a time to live and no dead-letter exchange")
            }
            if queue.maxLength != nil || queue.maxLengthBytes != nil, queue.dropsHead {
                add(
                    queue, .warning, "dead_letters_dropped",
                    "dead letters come here, and the oldest are dropped when it is full: it has a length limit and no "
                        + "dead-letter exchange")
            }
        } else if let limit = queue.deliveryLimit {
            add(
                queue, .warning, "delivery_limit",
                "messages that fail more than \(limit) times are dropped: it has a delivery limit and no dead-letter "
                    + "exchange")
        }
    }
}
