import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// `GET /api/queues`, `/api/queues/{vhost}`, `/api/queues/{vhost}/{name}`.
struct QueueRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("queues") { request, context in try await list(in: nil, try Query(request), context.user) }
        api.get("queues/:vhost") { request, context in
            try await list(in: try context.name("vhost"), try Query(request), context.user)
        }
        api.get("queues/:vhost/:name") { _, context in
            try await one(try context.name("name"), in: try context.name("vhost"), context.user)
        }
    }

    private func list(in virtualHost: String?, _ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        let index = QueueIndex(server: server, user: user)
        let places = try await index.places(in: virtualHost)
        guard let pagination = try Pagination(query) else {
            return JSONResponse(.array(try await index.facts(of: places).map { JSONValue($0, for: user) }))
        }
        let slice = try pagination.slice(places) { $0.name }
        return JSONResponse(slice.json(try await index.facts(of: slice.items).map { JSONValue($0, for: user) }))
    }

    private func one(_ name: String, in virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        let facts = try await server.withBroker { core in
            guard let queue = try user.visible(virtualHost, in: core).queue(named: name) else {
                throw APIError.notFound
            }
            return queue.facts
        }
        return JSONResponse(JSONValue(facts, for: user))
    }
}
