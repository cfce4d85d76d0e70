import AMQPProtocol
import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// `GET /api/dlq-alerts/{vhost}`: what somebody is to know of dead letters. `POST /api/dlq/{vhost}/{name}/resume-deliveries`: lets
/// deliveries of a queue go on that have been paused since its consumers reject too much; needs the permission to read from the
/// queue, and the right to move messages.
struct AlertRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("dlq-alerts/:vhost") { _, context in try await list(try context.name("vhost"), context.user) }
        api.post("dlq/:vhost/:name/resume-deliveries") { _, context in
            try context.user.require(.move)
            let place = QueuePlace(
                virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user)
            let facts = try await server.withBroker { core in
                let queue = try place.queue(in: core, .read)
                try queue.resumeDeliveries(by: place.user.name)
                return queue.facts
            }
            return JSONResponse(JSONValue(facts, for: context.user))
        }
    }

    private func list(_ virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        let index = QueueIndex(server: server, user: user)
        let queues = try await index.facts(of: index.places(in: virtualHost))
        let alerts = try await server.withBroker { core in
            let host = try user.visible(virtualHost, in: core)
            return core.deadLetterAlerts.alerts(in: host.name)
        }
        var items = alerts.map { JSONValue($0) }
        for queue in queues {
            if let breaker = queue.breaker, let time = breaker.openedAtMilliseconds {
                items.append(
                    JSONValue(
                        breaker, of: queue, since: time,
                        text: "deliveries are paused since consumers have rejected \(breaker.rejectedCount) messages"))
            }
            if queue.undeliverableCount > 0 {
                items.append([
                    "queue": .string(queue.name), "vhost": .string(queue.virtualHost), "alert": "undeliverable",
                    "since": JSONValue(queue.undeliverableSinceMilliseconds),
                    "value": JSONValue(queue.undeliverableCount), "threshold": 1,
                    "text": .string(
                        "\(queue.undeliverableCount) dead letters have nowhere to go, and wait in the queue"),
                ])
            }
        }
        return JSONResponse(.array(items))
    }
}
