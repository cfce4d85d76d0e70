import AMQPProtocol
import Broker
import BrokerServer
import Hummingbird

/// `GET /api/dlq/{vhost}`: the queues that dead letters come to, and those that hold dead letters nobody takes.
struct DeadLetterRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("dlq/:vhost") { request, context in
            try await list(in: try context.name("vhost"), try Query(request), context.user)
        }
    }

    private func list(in virtualHost: String, _ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        let survey = DeadLetterSurvey(server: server, user: user, virtualHost: virtualHost)
        let found = try await survey.run()
        let undeliverable = JSONValue.array(
            found.undeliverable.map { queue in
                [
                    "name": .string(queue.name), "vhost": .string(queue.virtualHost),
                    "messages_undeliverable": JSONValue(queue.undeliverableCount),
                    "dead_letter_exchange": JSONValue(queue.deadLetterRoute?.exchange.text),
                    "dead_letter_routing_key": JSONValue(queue.deadLetterRoute?.routingKey?.text),
                ]
            })
        let sources = found.sources
        guard let pagination = try Pagination(query) else {
            let queues = try await survey.describe(found.names, sources)
            return JSONResponse(["queues": .array(queues), "undeliverable": undeliverable])
        }
        let slice = try pagination.slice(found.names) { $0 }
        let page = slice.json(try await survey.describe(slice.items, sources))
        return JSONResponse(["queues": page, "undeliverable": undeliverable])
    }
}
