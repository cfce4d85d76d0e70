import AMQPProtocol
import BrokerServer
import CommandRuns
import HarrierClient
import NIOHTTP1
import Testing

@testable import Broker
@testable import Management

/// Alerts, metrics and paused queues over HTTP and by commands.
@Suite(.timeLimit(.minutes(2))) struct AlertRouteTests {
    private static let definitions = """
        users:
        - {name: looker, password: p, tags: [dlq_metadata]}
        permissions:
        - {user: looker, vhost: /, configure: "", write: "", read: .*}
        policies:
        - {name: dead, pattern: ^dead$, definition: {dead-letter-alert-depth: 2}}
        - {name: work, pattern: ^work$, definition: {dead-letter-breaker-rate: 1, dead-letter-breaker-window: 10000}}
        queues:
        - {name: dead}
        - {name: work, arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: dead}}
        - {name: stuck, arguments: {x-dead-letter-exchange: "nowhere"}}
        - {name: 'odd "name"', arguments: {x-max-length: 0}}
        """

    /// Has messages of the queue rejected, as far as they come.
    private func reject(_ count: Int, in queue: String, _ api: ManagementFixture) async throws {
        try await api.withChannel { channel in
            for number in 0..<count {
                try await channel.publishConfirmed("\(number)".utf8, routingKey: queue, properties: .persistent)
            }
            while let delivery = try await channel.get(from: queue) { try channel.reject(delivery, requeue: false) }
            // An answer says that the rejects have been worked through.
            _ = try await channel.checkQueue(queue)
        }
    }

    @Test("a flood is stopped, seen, and goes on when somebody says so")
    func breaker() async throws {
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            #expect(try await CommandRun.run(["dlq", "alerts", "--url", api.url]).exitCode == 0)
            try await reject(20, in: "work", api)
            let work = try await api.get("/api/queues/%2F/work")
            #expect(work.string("dead_letter_breaker", "state") == "open" && work.integer("messages_ready") == 10)
            #expect(work.integer("dead_letter_breaker", "rejected") == 10)
            let list = try await api.get("/api/dlq/%2F")
            #expect(list.string("paused", 0, "name") == "work" && list.count("paused") == 1)
            let table = try await CommandRun.run(["dlq", "list", "--url", api.url])
            #expect(table.lines.contains { $0.hasPrefix("work") && $0.contains("paused") }, "\(table.output)")
            let alerts = try await api.get("/api/dlq-alerts/%2F")
            #expect(alerts.strings("alert", in: []).contains("breaker_open"))
            let shown = try await CommandRun.run(["dlq", "alerts", "--url", api.url])
            #expect(shown.exitCode == 3 && shown.output.contains("deliveries are paused"))
            let path = "/api/dlq/%2F/work/resume-deliveries"
            #expect(try await api.send(.POST, path, user: "looker:p").string("reason")?.contains("dlq_move") == true)
            #expect(try await api.send(.POST, path, user: "manager:m:secret").status == 401)
            #expect(try await api.send(.POST, "/api/dlq/%2F/nothing/resume-deliveries").status == 404)
            let resumed = try await CommandRun.run(["dlq", "resume-deliveries", "work", "--url", api.url])
            #expect(resumed.exitCode == 0 && resumed.errorOutput.contains("deliveries of work go on"))
            #expect(try await api.send(.POST, path).status == 409)
            let next = try await api.withChannel { try await $0.get(from: "work") }
            #expect(next != nil)
        }
    }

    @Test("alerts begin by policy, and undeliverable messages are one")
    func alerts() async throws {
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            try await reject(2, in: "work", api)
            try await reject(1, in: "stuck", api)
            var alerts = try await api.get("/api/dlq-alerts/%2F")
            while alerts.count() ?? 0 < 2 { alerts = try await api.get("/api/dlq-alerts/%2F") }
            let found = zip(alerts.strings("queue", in: []), alerts.strings("alert", in: [])).map { "\($0) \($1)" }
            #expect(found == ["dead depth", "stuck undeliverable"])
            #expect(alerts.integer(0, "value") == 2 && alerts.integer(0, "threshold") == 2)
            #expect(alerts.integer(0, "since") != nil)
            #expect(try await api.get("/api/dlq-alerts/%2F", user: "maker:secret").status == 401)
            #expect(try await api.get("/api/dlq-alerts/nowhere").status == 404)
        }
    }

    @Test("Prometheus is told of deaths, dead-letter queues, alerts and breakers")
    func metrics() async throws {
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            try await reject(2, in: "work", api)
            try await reject(1, in: "stuck", api)
            try await api.withChannel { channel in
                try await channel.publishConfirmed("x".utf8, routingKey: "odd \"name\"")
            }
            let answer = try await api.get("/metrics", user: "watcher:secret")
            #expect(
                answer.status == 200 && answer.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = answer.text.split(separator: "\n").map(String.init)
            for line in [
                "# TYPE harrier_queue_dead_letters_total counter",
                "harrier_queue_dead_letters_total{vhost=\"/\",queue=\"work\",reason=\"rejected\"} 2",
                "harrier_queue_dead_letters_total{vhost=\"/\",queue=\"stuck\",reason=\"rejected\"} 1",
                "harrier_queue_messages_dropped_total{vhost=\"/\",queue=\"odd \\\"name\\\"\",reason=\"maxlen\"} 1",
                "harrier_dead_letter_queue_messages{vhost=\"/\",queue=\"dead\"} 2",
                "harrier_dead_letter_queue_joined_total{vhost=\"/\",queue=\"dead\"} 2",
                "harrier_dead_letter_queue_consumers{vhost=\"/\",queue=\"dead\"} 0",
                "harrier_undeliverable_messages 1",
                "harrier_queue_undeliverable_messages{vhost=\"/\",queue=\"stuck\"} 1",
                "harrier_queue_breaker_open{vhost=\"/\",queue=\"work\"} 0",
            ] {
                #expect(lines.contains(line), "\(line) is not in:\n\(answer.text)")
            }
            let age = lines.first { $0.hasPrefix("harrier_dead_letter_queue_oldest_message_age_seconds{") }
            #expect(age?.split(separator: " ").last.flatMap { Double($0) }.map { $0 < 60 } == true)
            // Each line is a comment, or a name with a value.
            #expect(lines.allSatisfy { $0.hasPrefix("# ") || Double($0.split(separator: " ").last ?? "") != nil })
            #expect(try await api.get("/metrics", user: nil).status == 401)
            #expect(try await api.get("/metrics", user: "manager:m:secret").string("reason") == "Not monitor user")
        }
    }

    @Test("while no more queues can be looked into, or there is no time for it, Prometheus is told all but ages")
    func agesLeftOut() async throws {
        let name = "harrier_dead_letter_queue_oldest_message_age_seconds{"
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            try await reject(1, in: "work", api)
            try await api.withChannel { channel in
                for _ in 0..<2000 { try await channel.publish("x".utf8, routingKey: "dead") }
                _ = try await channel.checkQueue("dead")
            }
            let user = ManagementUser(user: User(name: "guest", password: nil, tags: ["administrator"]))
            let text = try await DeadLetterMetrics(server: api.server, user: user, oldestDuration: .zero).text()
            #expect(!text.contains(name) && text.contains("harrier_dead_letter_queue_messages{"))
            // A scrape that has found all walks in use from its begin to its end.
            var wasRefused = false
            for _ in 0..<100 where !wasRefused {
                let filter = try MessageFilter("body contains y")
                try await api.server.withBroker { core in
                    let dead = try #require(core.virtualHosts["/"]?.queue(named: "dead"))
                    for _ in 0..<WalkScheduler.walksMax { dead.count(BrowseRequest(filter: filter)) { _ in } }
                }
                let answer = try await api.get("/metrics")
                wasRefused = try await api.server.withBroker { $0.walks.count == WalkScheduler.walksMax }
                #expect(answer.status == 200 && (!wasRefused || !answer.text.contains(name)), "\(answer.text)")
                while try await api.server.withBroker({ $0.walks.count > 0 }) {}
            }
            #expect(wasRefused)
            #expect(try await api.get("/metrics").text.contains(name))
        }
    }
}
