import AMQPProtocol
import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// `GET /api/vhosts`, `GET /api/vhosts/{vhost}`: the virtual hosts that the user sees.
struct VirtualHostRoutes: RouteGroup {
    private struct Facts: Sendable {
        let name: String
        let description: String
    }

    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("vhosts") { request, context in try await list(try Query(request), context.user) }
        api.get("vhosts/:vhost") { _, context in try await one(try context.name("vhost"), context.user) }
    }

    private func list(_ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        let hosts = try await server.withBroker { core in
            core.virtualHosts.values.filter { user.sees($0) }
                .map { Facts(name: $0.name, description: $0.description) }
        }
        let sorted = hosts.sorted { WireName($0.name) < WireName($1.name) }
        guard let pagination = try Pagination(query) else { return JSONResponse(.array(sorted.map(json))) }
        let slice = try pagination.slice(sorted) { $0.name }
        return JSONResponse(slice.json(slice.items.map(json)))
    }

    private func one(_ name: String, _ user: ManagementUser) async throws -> JSONResponse {
        let facts = try await server.withBroker { core in
            let host = try user.visible(name, in: core)
            return Facts(name: host.name, description: host.description)
        }
        return JSONResponse(json(facts))
    }

    private func json(_ facts: Facts) -> JSONValue {
        [
            "name": .string(facts.name), "description": .string(facts.description), "tags": .array([]),
            "metadata": ["description": .string(facts.description), "tags": .array([])], "tracing": false,
        ]
    }
}
