import AMQPProtocol
import Broker
import BrokerServer

/// Queues that somebody sees, asked for in small portions: the core is held up for some hundred microseconds at a time,
/// however many there are.
struct QueueIndex {
    struct Place: Sendable {
        let virtualHost: String
        let name: String
    }

    /// Queues that one turn of the core tells of.
    private static let queuesPerTurn = 500

    let server: BrokerServer
    let user: ManagementUser

    /// In the order of virtual hosts and names.
    ///
    /// - Parameter virtualHost: nil for all that the user sees.
    func places(in virtualHost: String?) async throws -> [Place] {
        let user = user
        let found = try await server.withBroker { core in
            let hosts =
                try virtualHost.map { [try user.visible($0, in: core)] }
                ?? core.virtualHosts.values.filter { user.sees($0) }
            return hosts.flatMap { host in host.allQueues.map { Place(virtualHost: host.name, name: $0.name) } }
        }
        return found.sorted {
            (WireName($0.virtualHost), WireName($0.name)) < (WireName($1.virtualHost), WireName($1.name))
        }
    }

    /// What can be told of them; those that have gone meanwhile are left out.
    func facts(of places: some RandomAccessCollection<Place> & Sendable) async throws -> [QueueFacts] {
        try await collect(places) { _, queue in queue.facts }
    }

    /// Asks `body`, on the core's loop, about each of them that is there.
    func collect<Fact: Sendable>(
        _ places: some RandomAccessCollection<Place>, _ body: @escaping @Sendable (VirtualHost, Queue) -> Fact
    ) async throws -> [Fact] {
        var facts: [Fact] = []
        var rest = Array(places)[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.queuesPerTurn))
            rest = rest.dropFirst(portion.count)
            facts += try await server.withBroker { core in
                portion.compactMap { place in
                    guard let host = core.virtualHosts[WireName(place.virtualHost)],
                        let queue = host.queue(named: place.name)
                    else { return nil }
                    return body(host, queue)
                }
            }
        }
        return facts
    }
}
