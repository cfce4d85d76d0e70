import AMQPProtocol

/// Where the dead letters of a virtual host's queues go, by topology and the policies in force.
public struct DeadLetterTopology: Sendable {
    /// A queue whose dead letters come to another.
    public struct Source: Sendable {
        public let queue: String
        public let route: DeadLetterRoute
    }

    /// All queues of the virtual host that are looked at.
    public let queues: [QueueFacts]
    /// Where the dead letters of each route come to.
    public let reached: [DeadLetterRoute: [String]]
    /// By the dead-letter queue's name.
    public let sources: [WireName: [Source]]

    /// - Parameter reached: for each route of the queues, as `VirtualHost.queuesReached` tells it.
    public init(queues: [QueueFacts], reached: [DeadLetterRoute: [String]]) {
        self.queues = queues
        self.reached = reached
        var sources: [WireName: [Source]] = [:]
        for queue in queues {
            guard let route = queue.deadLetterRoute else { continue }
            for name in reached[route] ?? [] {
                sources[WireName(name), default: []].append(Source(queue: queue.name, route: route))
            }
        }
        self.sources = sources
    }

    public static func routes(of queues: [QueueFacts]) -> Set<DeadLetterRoute> {
        Set(queues.compactMap(\.deadLetterRoute))
    }

    /// Queues with dead letters that nobody takes.
    public var undeliverable: [QueueFacts] { queues.filter { $0.undeliverableCount > 0 } }

    /// The sources of all queues that have dead letters: of those also where policies put aside what they have moved back too
    /// often, and, without any, of those that dead letters have come to since the start from queues that are gone.
    public var allSources: [WireName: [Source]] {
        var all = sources
        let names = Set(queues.map { WireName($0.name) })
        for queue in queues {
            if queue.deadLettersSinceStart { all[WireName(queue.name), default: []] += [] }
            guard let parking = queue.redrive?.policy.parkingQueue, names.contains(WireName(parking)) else { continue }
            let route = DeadLetterRoute(exchange: "", routingKey: parking)
            all[WireName(parking), default: []].append(Source(queue: queue.name, route: route))
        }
        return all
    }

    /// Of the queues that have dead letters; with patterns, of all queues that match one.
    public func names(matching patterns: [Glob]) -> [String] {
        guard !patterns.isEmpty else { return allSources.keys.sorted().map(\.text) }
        return queues.map(\.name).filter { name in patterns.contains { $0.matches(name) } }
    }

    /// Exchanges that dead letters, or what policies move back, are to go to.
    public var exchanges: Set<WireName> {
        Set(Self.routes(of: queues).map(\.exchange)).union(RedrivePolicyCheck.exchanges(self))
    }

    /// What is wrong with it.
    ///
    /// - Parameter missing: those of `exchanges` that are not there.
    public func problems(missing: Set<WireName>) -> [DeadLetterProblem] {
        DeadLetterCheck(self, missingExchanges: missing).problems
            + RedrivePolicyCheck(self, missingExchanges: missing).problems
    }
}

extension VirtualHost {
    /// What is wrong with where dead letters go, all at once: for topologies that nobody waits for.
    func deadLetterProblems() -> [DeadLetterProblem] {
        let queues = allQueues.filter { !$0.isInternal }.map(\.facts).sorted { WireName($0.name) < WireName($1.name) }
        let routes = DeadLetterTopology.routes(of: queues)
        let reached = Dictionary(routes.map { ($0, queuesReached(by: $0)) }) { first, _ in first }
        let topology = DeadLetterTopology(queues: queues, reached: reached)
        return topology.problems(missing: topology.exchanges.filter { exchange(named: $0.text) == nil })
    }
}
