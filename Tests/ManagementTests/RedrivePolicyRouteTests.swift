import AMQPProtocol
import CommandRuns
import HarrierClient
import NIOHTTP1
import Testing

/// Policies that have dead letters moved back, as the API and the commands tell of them.
@Suite(.timeLimit(.minutes(2))) struct RedrivePolicyRouteTests {
    private static let definitions = """
        users: [{name: pm, password: p, tags: [policymaker]}, {name: m, password: p, tags: [management]}]
        permissions:
        - {user: pm, vhost: /, configure: "", write: "", read: .*}
        - {user: m, vhost: /, configure: "", write: .*, read: .*}
        policies:
        - name: retry
          pattern: ^dead$
          apply-to: queues
          definition:
            redrive-every: 1000
            redrive-filter: reason = rejected
            redrive-rate: 1
            redrive-parking-queue: parked
        - name: nonsense
          pattern: ^odd$
          definition: {redrive-every: 60000, redrive-parking-queue: odd, redrive-to: queue, redrive-queue: gone}
        - name: nowhere
          pattern: ^lost$
          definition: {redrive-every: 60000, redrive-to: exchange, redrive-exchange: gone}
        queues: [{name: dead}, {name: odd}, {name: lost}, {name: lonely}]
        """

    @Test("a run is a task of its policy, seen by all, and paused by policymakers")
    func run() async throws {
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            try await api.withChannel { channel in
                try await channel.declareQueue(
                    "orders",
                    arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
                for number in 0..<40 {
                    try await channel.publishConfirmed("\(number)".utf8, routingKey: "orders", properties: .persistent)
                    let delivery = try #require(try await channel.get(from: "orders"))
                    try channel.reject(delivery, requeue: false)
                }
                try await channel.declareQueue("dead")
            }
            // The first run may have begun when there was little to move, and be over at once.
            var id = ""
            while id.isEmpty {
                let tasks = try await api.get("/api/dlq-tasks/%2F")
                guard tasks.string(0, "status") == "running", let running = tasks.string(0, "id") else { continue }
                #expect(tasks.string(0, "policy") == "retry" && tasks.string(0, "user") == nil)
                let path = "/api/dlq-tasks/%2F/\(running)/pause"
                #expect(try await api.send(.POST, path, user: "m:p").status == 401)
                if try await api.send(.POST, path, user: "pm:p").string("status") == "paused" { id = running }
            }
            let listed = try await api.get("/api/dlq/%2F")
            #expect(listed.string("queues", 0, "redrive", "policy") == "retry")
            #expect(listed.integer("queues", 0, "redrive", "every_ms") == 1000)
            #expect(listed.string("queues", 0, "redrive", "running_task") == id)
            let table = try await CommandRun.run(["dlq", "list", "--url", api.url])
            #expect(table.output.contains("MOVED BACK") && table.output.contains("every 1 s, task \(id)"))
            let history = try await CommandRun.run(["dlq", "tasks", "--url", api.url])
            #expect(history.output.contains("policy retry"))
        }
    }

    @Test("the check finds what such policies name and is not there, or is the queue itself")
    func check() async throws {
        try await ManagementFixture.with(definitions: Self.definitions) { api in
            let problems = try await api.get("/api/dlq-check/%2F")
            let found = zip(problems.strings("queue", in: []), problems.strings("problem", in: [])).map {
                "\($0) \($1)"
            }
            #expect(
                Set(found) == [
                    "dead no_parking_queue", "dead no_dead_letters", "odd parks_here", "odd no_redrive_target",
                    "lost no_redrive_target",
                ], "\(problems.text)")
            let run = try await CommandRun.run(["dlq", "check", "--url", api.url])
            #expect(run.exitCode == 3 && run.output.contains("policy 'retry': redrive-parking-queue 'parked' is not"))
        }
    }
}
