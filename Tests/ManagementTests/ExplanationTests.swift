import AMQPProtocol
import CommandRuns
import HarrierClient
import Testing

/// `harrier dlq why` and `check`, and their routes.
@Suite(.timeLimit(.minutes(2))) struct ExplanationTests {
    private func declare(_ channel: HarrierChannel, _ name: String, _ arguments: FieldTable) async throws {
        try await channel.declareQueue(name, arguments: arguments)
    }

    @Test("a message's deaths are told with what holds for their queues now")
    func why() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareQueue("dead")
                try await declare(
                    channel, "orders",
                    [
                        "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead"),
                        "x-max-length": .int32(9),
                    ])
                try await channel.publishConfirmed("x".utf8, routingKey: "orders")
                let delivery = try #require(try await channel.get(from: "orders"))
                try channel.reject(delivery, requeue: false)
                try await channel.declareQueue("dead")
            }
            let why = try await api.get("/api/queues/%2F/dead/messages/0/why")
            #expect(why.string("deaths", 0, "queue") == "orders" && why.string("deaths", 0, "reason") == "rejected")
            #expect(why.integer("deaths", 0, "queue_now", "max_length") == 9)
            #expect(why.string("deaths", 0, "routing_keys", 0) == "orders" && why.string("queue") == "dead")
            let run = try await CommandRun.run(["dlq", "why", "dead", "0", "--url", api.url])
            #expect(run.exitCode == 0 && run.lines.count == 2 && run.lines[1].hasPrefix("orders"))
            #expect(run.output.contains("max length 9"))
            #expect(try await CommandRun.run(["dlq", "why", "dead", "7", "--url", api.url]).exitCode == 1)
        }
    }

    @Test("what is wrong with where dead letters go is found, and what is right is not")
    func check() async throws {
        try await ManagementFixture.with { api in
            #expect(try await CommandRun.run(["dlq", "check", "--url", api.url]).exitCode == 0)
            func to(_ queue: String, _ more: FieldTable = [:]) -> FieldTable {
                var arguments = more
                arguments["x-dead-letter-exchange"] = .string("")
                arguments["x-dead-letter-routing-key"] = .string(queue)
                return arguments
            }
            try await api.withChannel { channel in
                for (name, arguments): (String, FieldTable) in [
                    ("plain", [:]), ("good.dead", [:]), ("good", to("good.dead")), ("self", to("self")),
                    ("nobody", to("none")),
                    ("nowhere", ["x-dead-letter-exchange": .string("missing")]), ("one", to("two")), ("two", to("one")),
                    ("work", to("retry")), ("retry", to("work", ["x-message-ttl": .int32(1000)])),
                    ("short", to("short.dead")),
                    ("short.dead", ["x-message-ttl": .int32(1000), "x-max-length": .int32(5)]),
                    ("own", ["x-dead-letter-exchange": .string("")]), ("quorum", ["x-queue-type": .string("quorum")]),
                ] {
                    try await declare(channel, name, arguments)
                }
            }
            let found = try await api.get("/api/dlq-check/%2F")
            func texts(_ name: String) -> [String] {
                (found.value() as? [[String: Any]] ?? []).compactMap { $0[name] as? String }
            }
            let pairs = zip(texts("queue"), texts("problem")).map { "\($0) \($1)" }
            #expect(
                pairs.sorted() == [
                    "nobody no_queue", "nowhere no_exchange", "one loop", "own own_key", "quorum delivery_limit",
                    "self own_dead_letters", "short.dead dead_letters_dropped", "short.dead dead_letters_expire",
                    "two loop",
                ])
            let run = try await CommandRun.run(["dlq", "check", "--url", api.url])
            #expect(run.exitCode == 3 && run.lines.count == 10)
        }
    }
}
