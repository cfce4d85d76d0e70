import AMQPProtocol
import Broker
import BrokerServer

/// Finds where dead letters go, from the topology and the policies that are in force.
struct DeadLetterSurvey {
    /// Routes that one turn of the core follows.
    private static let routesPerTurn = 50

    let server: BrokerServer
    let user: ManagementUser
    let virtualHost: String

    var index: QueueIndex { QueueIndex(server: server, user: user) }

    func run() async throws -> DeadLetterTopology {
        let queues = try await index.facts(of: index.places(in: virtualHost))
        let reached = try await follow(Array(DeadLetterTopology.routes(of: queues)))
        return DeadLetterTopology(queues: queues, reached: Dictionary(reached) { first, _ in first })
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
