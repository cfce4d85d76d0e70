import AMQPProtocol
import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// `GET /api/dlq/{vhost}`: the queues that dead letters come to, those that hold dead letters nobody takes, and those whose
/// deliveries are paused since their consumers reject too much.
/// `GET /api/dlq-check/{vhost}`: what is wrong with where dead letters go.
struct DeadLetterRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("dlq/:vhost") { request, context in
            try await list(in: try context.name("vhost"), try Query(request), context.user)
        }
        api.get("dlq-check/:vhost") { _, context in
            try await check(try context.name("vhost"), context.user)
        }
    }

    private func check(_ virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        let found = try await DeadLetterSurvey(server: server, user: user, virtualHost: virtualHost).run()
        let named = found.exchanges
        let missing = try await server.withBroker { core in
            let host = try user.visible(virtualHost, in: core)
            return named.filter { host.exchange(named: $0.text) == nil }
        }
        let problems = found.problems(missing: missing)
        return JSONResponse(
            .array(
                problems.map { problem in
                    [
                        "queue": .string(problem.queue), "severity": .string(problem.severity.rawValue),
                        "problem": .string(problem.name), "text": .string(problem.text),
                    ]
                }))
    }

    /// Patterns of names in one listing: each takes up to 65,000 steps for a name.
    private static let patternsMax = 20
    /// As long as a name may be.
    private static let patternBytesMax = 255

    /// - Throws: 400 for more, or longer ones.
    private static func patterns(_ query: Query) throws -> [Glob] {
        let texts = query.all("pattern")
        guard texts.count <= patternsMax, texts.allSatisfy({ $0.utf8.count <= patternBytesMax }) else {
            throw APIError.badRequest(
                "pattern: expected at most \(patternsMax), of \(patternBytesMax) bytes each at the most")
        }
        return texts.map { Glob($0) }
    }

    private func list(in virtualHost: String, _ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        let survey = DeadLetterSurvey(server: server, user: user, virtualHost: virtualHost)
        let found = try await survey.run()
        let patterns = try Self.patterns(query)
        func isAskedFor(_ queue: QueueFacts) -> Bool {
            patterns.isEmpty || patterns.contains { $0.matches(queue.name) }
        }
        let listing = DeadLetterListing(survey: survey)
        let undeliverable = JSONValue.array(
            try await listing.undeliverable(found.undeliverable.filter(isAskedFor)))
        let paused = JSONValue.array(
            found.queues.filter { $0.breaker?.isOpen == true && isAskedFor($0) }.map { queue in
                [
                    "name": .string(queue.name), "vhost": .string(queue.virtualHost),
                    "messages": JSONValue(queue.messageCount), "consumers": JSONValue(queue.consumerCount),
                    "dead_letter_breaker": JSONValue(queue.breaker),
                ]
            })
        let (names, sources) = (found.names(matching: patterns), found.allSources)
        guard let pagination = try Pagination(query) else {
            let queues = try await listing.json(names, sources)
            return JSONResponse(["queues": .array(queues), "undeliverable": undeliverable, "paused": paused])
        }
        let slice = try pagination.slice(names) { $0 }
        let page = slice.json(try await listing.json(slice.items, sources))
        return JSONResponse(["queues": page, "undeliverable": undeliverable, "paused": paused])
    }
}
