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

        var names: [String] { sources.keys.sorted().map(\.text) }
    }

    /// Routes that one turn of the core follows.
    private static let routesPerTurn = 50

    let server: BrokerServer
    let user: ManagementUser
    let virtualHost: String

    private var index: QueueIndex { QueueIndex(server: server, user: user) }

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

    /// What can be told of dead-letter queues, as JSON.
    func describe(_ names: [String], _ sources: [WireName: [Source]]) async throws -> [JSONValue] {
        let places = names.map { QueueIndex.Place(virtualHost: virtualHost, name: $0) }
        var described: [JSONValue] = []
        for facts in try await index.facts(of: places) {
            guard let oldest = try await oldest(of: facts) else { continue }
            let (publishedAt, now) = oldest
            described.append([
                "name": .string(facts.name), "vhost": .string(facts.virtualHost),
                "messages": JSONValue(facts.messageCount), "messages_ready": JSONValue(facts.readyCount),
                "messages_unacknowledged": JSONValue(facts.unacknowledgedCount),
                "messages_delayed": JSONValue(facts.delayedCount),
                "messages_undeliverable": JSONValue(facts.undeliverableCount),
                "consumers": JSONValue(facts.consumerCount), "oldest_message_at": JSONValue(publishedAt),
                "oldest_message_age_ms": JSONValue(publishedAt.map { now > $0 ? now - $0 : 0 }),
                "redrive": JSONValue(facts.redrive, for: user),
                "sources": .array(
                    (sources[WireName(facts.name)] ?? []).sorted { $0.queue < $1.queue }.map { source in
                        [
                            "queue": .string(source.queue), "exchange": .string(source.route.exchange.text),
                            "routing_key": JSONValue(source.route.routingKey?.text),
                        ]
                    }),
            ])
        }
        return described
    }

    /// When the queue's oldest message came, and the broker's time now; nil if the queue has gone.
    func oldest(of facts: QueueFacts) async throws -> (publishedAt: UInt64?, now: UInt64)? {
        let (virtualHost, name) = (virtualHost, facts.name)
        do {
            return try await server.askBroker { core, answer in
                guard let queue = core.virtualHosts[WireName(virtualHost)]?.queue(named: name) else {
                    throw WalkError.queueDeleted
                }
                queue.findOldest { result in answer.give(result.map { ($0, core.nowMilliseconds) }) }
            }
        } catch WalkError.queueDeleted {
            return nil
        }
    }
}
