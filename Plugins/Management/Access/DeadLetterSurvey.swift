import AMQPProtocol
import Broker
import BrokerServer

/// Finds where dead letters go, from the topology and the policies that are in force.
struct DeadLetterSurvey {
    /// A queue whose dead letters come to another.
    struct Source: Sendable {
        let queue: String
        let route: DeadLetterRoute
    }

    struct Findings: Sendable {
        /// By the dead-letter queue's name.
        var sources: [WireName: [Source]] = [:]
        /// Queues with dead letters that nobody takes.
        var undeliverable: [QueueFacts] = []
        /// All queues.
        var queues: [QueueFacts] = []
        /// Where the dead letters of each route come to.
        var reached: [DeadLetterRoute: [String]] = [:]

        /// The sources of all queues that have dead letters: of those also where policies put aside what they have moved back too
        /// often, and, without any, of those that dead letters have come to since the start from queues that are gone.
        var allSources: [WireName: [Source]] {
            var all = sources
            let names = Set(queues.map { WireName($0.name) })
            for queue in queues {
                if queue.deadLettersSinceStart { all[WireName(queue.name), default: []] += [] }
                guard let parking = queue.redrive?.policy.parkingQueue, names.contains(WireName(parking)) else {
                    continue
                }
                let route = DeadLetterRoute(exchange: "", routingKey: parking)
                all[WireName(parking), default: []].append(Source(queue: queue.name, route: route))
            }
            return all
        }

        /// Of the queues that dead letters come to; with patterns, of all queues that match one.
        func names(matching patterns: [Glob]) -> [String] {
            guard !patterns.isEmpty else { return allSources.keys.sorted().map(\.text) }
            return queues.map(\.name).filter { name in patterns.contains { $0.matches(name) } }
        }
    }

    /// Routes that one turn of the core follows.
    private static let routesPerTurn = 50

    let server: BrokerServer
    let user: ManagementUser
    let virtualHost: String

    var index: QueueIndex { QueueIndex(server: server, user: user) }

    func run() async throws -> Findings {
        var findings = Findings()
        var queues: [DeadLetterRoute: [String]] = [:]
        findings.queues = try await index.facts(of: index.places(in: virtualHost))
        for facts in findings.queues {
            if let route = facts.deadLetterRoute { queues[route, default: []].append(facts.name) }
            if facts.undeliverableCount > 0 { findings.undeliverable.append(facts) }
        }
        for (route, reached) in try await follow(Array(queues.keys)) {
            findings.reached[route] = reached
            for name in reached {
                findings.sources[WireName(name), default: []] +=
                    (queues[route] ?? []).map { Source(queue: $0, route: route) }
            }
        }
        return findings
    }

    private func follow(_ routes: [DeadLetterRoute]) async throws -> [(DeadLetterRoute, [String])] {
        var found: [(DeadLetterRoute, [String])] = []
        var rest = routes[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.routesPerTurn))
            rest = rest.dropFirst(portion.count)
            let (user, virtualHost) = (user, virtualHost)
            found += try await server.withBroker { core in
                let host = try user.visible(virtualHost, in: core)
                return portion.map { ($0, host.queuesReached(by: $0)) }
            }
        }
        return found
    }

    /// When the queue's oldest message came, and the broker's time now.
    ///
    /// - Throws: `WalkError`, `queueDeleted` among them.
    func oldest(of facts: QueueFacts) async throws -> (publishedAt: UInt64?, now: UInt64) {
        try await look(into: facts) { core, queue, answer in
            queue.findOldest { result in answer.give(result.map { ($0, core.nowMilliseconds) }) }
        }
    }

    /// What the first messages of the queue have died of.
    ///
    /// - Throws: as `oldest(of:)`.
    func reasons(in facts: QueueFacts, scannedMax: Int) async throws -> MessageGroups {
        let request = BrowseRequest(limit: 1)
        let key = try GroupKey("reason")
        return try await look(into: facts) { _, queue, answer in
            queue.group(request, by: key, limit: MessageGroups.listedMax, scannedMax: scannedMax) { answer.give($0) }
        }
    }

    private func look<Found: Sendable>(
        into facts: QueueFacts, _ body: @escaping @Sendable (BrokerCore, Queue, BrokerAnswer<Found>) -> Void
    ) async throws -> Found {
        let (virtualHost, name) = (virtualHost, facts.name)
        return try await server.askBroker { core, answer in
            guard let queue = core.virtualHosts[WireName(virtualHost)]?.queue(named: name) else {
                throw WalkError.queueDeleted
            }
            body(core, queue, answer)
        }
    }
}
