import AMQPProtocol
import CommandRuns
import HarrierClient
import NIOHTTP1
import Testing

/// Listings of queues.
@Suite(.timeLimit(.minutes(2))) struct QueueRouteTests {
    @Test("a queue is told of with RabbitMQ's names")
    func one() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel(virtualHost: "a%2Fb") { channel in
                try await channel.declareQueue("some/ä %", arguments: ["x-max-priority": .int32(5)])
                try await channel.publishConfirmed("body".utf8, routingKey: "some/ä %", properties: .persistent)
            }
            let answer = try await api.get("/api/queues/a%2Fb/some%2F%C3%A4%20%25")
            #expect(answer.status == 200)
            #expect(answer.string("name") == "some/ä %" && answer.string("vhost") == "a/b")
            #expect(answer.string("type") == "classic" && answer.integer("durable") == 1)
            #expect(answer.integer("arguments", "x-max-priority") == 5)
            #expect(answer.integer("messages") == 1 && answer.integer("messages_ready") == 1)
            #expect(answer.integer("messages_unacknowledged") == 0 && answer.integer("consumers") == 0)
            #expect(answer.integer("message_bytes_ready") == 4)
            let list = try await api.get("/api/queues")
            #expect(list.strings("name") == ["some/ä %"])
            #expect(try await api.get("/api/queues/%2F").count() == 0)
        }
    }

    @Test("errors are JSON with RabbitMQ's words")
    func errors() async throws {
        try await ManagementFixture.with { api in
            for path in ["/api/queues/%2F/none", "/api/nothing", "/nothing", "/api/vhosts/none", "/api/dlq/none"] {
                let answer = try await api.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.string("error") == "Object Not Found" && answer.string("reason") == "Not Found")
            }
            for path in [
                "/api/queues?page=0", "/api/queues?page=x", "/api/queues?page=1&page_size=501",
                "/api/queues?page=1&name=%28&use_regex=true",
            ] {
                let answer = try await api.get(path)
                #expect(answer.status == 400 && answer.string("error") == "bad_request", "\(path): \(answer.text)")
            }
            let tooFar = try await api.get("/api/queues?page=2")
            #expect(tooFar.status == 400 && tooFar.string("error") == "page_out_of_range")
            let large = try await api.send(.GET, "/api/whoami", body: Array(repeating: 0, count: 21 << 20))
            #expect(large.status == 413)
        }
    }

    @Test("pages are RabbitMQ's, and a filter is a part of the name or an expression")
    func pages() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                for number in 0..<25 { try await channel.declareQueue("Q\(number / 10)\(number % 10)") }
                try await channel.declareQueue("other")
            }
            let second = try await api.get("/api/queues/%2F?page=2&page_size=10&name=q")
            #expect(second.strings("name", in: "items") == (10..<20).map { "Q\($0)" })
            #expect(second.integer("page") == 2 && second.integer("page_size") == 10)
            #expect(second.integer("page_count") == 3 && second.integer("item_count") == 10)
            #expect(second.integer("filtered_count") == 25 && second.integer("total_count") == 26)
            let matching = try await api.get("/api/queues?page=1&name=%5Eq.5%7Cer%24&use_regex=true")
            #expect(matching.strings("name", in: "items") == ["Q05", "Q15", "other"])
            #expect(try await api.get("/api/queues/%2F?page=1&name=nothing").count("items") == 0)
            #expect(try await api.get("/api/queues/%2F").count() == 26)
            #expect(try await api.get("/api/vhosts?page=1&page_size=2").integer("page_count") == 2)
        }
    }

    @Test("dead-letter queues are found through exchanges and policies, and stuck letters are told")
    func deadLetters() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareExchange("dlx", type: .fanout)
                try await channel.declareExchange("behind", type: .topic)
                try await channel.declareQueue("dead")
                try await channel.bindExchange("behind", to: "dlx")
                try await channel.bindQueue("dead", to: "behind", routingKey: "#")
                for name in ["b", "a"] {
                    try await channel.declareQueue(name, arguments: ["x-dead-letter-exchange": .string("dlx")])
                }
                try await channel.declareQueue("stuck", arguments: ["x-dead-letter-exchange": .string("none")])
                for name in ["a", "stuck"] {
                    try await channel.publishConfirmed("m".utf8, routingKey: name, properties: .persistent)
                    let delivery = try #require(try await channel.get(from: name))
                    try channel.reject(delivery, requeue: false)
                    // It has been rejected when this is answered.
                    _ = try await channel.checkQueue(name)
                }
            }
            let answer = try await api.get("/api/dlq/%2F")
            #expect(answer.strings("name", in: "queues") == ["dead"])
            #expect(answer.strings("queue", in: "queues", 0, "sources") == ["a", "b"])
            #expect(answer.integer("queues", 0, "messages") == 1)
            #expect(try #require(answer.integer("queues", 0, "oldest_message_age_ms")) >= 0)
            #expect(answer.integer("queues", 0, "dead_letters_last_minute") == 1)
            #expect(answer.integer("queues", 0, "reasons", "rejected") == 1)
            #expect(answer.integer("queues", 0, "reasons_is_complete") == 1)
            #expect(answer.strings("name", in: "undeliverable") == ["stuck"])
            #expect(answer.integer("undeliverable", 0, "messages_undeliverable") == 1)
            #expect(answer.integer("undeliverable", 0, "reasons", "rejected") == 1)
            #expect(answer.integer("undeliverable", 0, "reasons_is_complete") == 1)
            #expect(try #require(answer.integer("undeliverable", 0, "undeliverable_age_ms")) >= 0)
            #expect(try await api.get("/api/dlq/empty").count("queues") == 0)
            #expect(try await api.get("/api/dlq/%2F?page=1").integer("queues", "total_count") == 1)
        }
    }

    @Test("by name any queue is listed; without, also where policies park, and what dead letters once came to")
    func names() async throws {
        let definitions = """
            queues:
            - {name: dead, vhost: /, durable: true, auto_delete: false, arguments: {}}
            - {name: parked, vhost: /, durable: true, auto_delete: false, arguments: {}}
            - {name: work, vhost: /, durable: true, auto_delete: false,
               arguments: {x-dead-letter-exchange: "", x-dead-letter-routing-key: dead}}
            policies:
            - {name: retry, vhost: /, pattern: ^dead$, apply-to: queues, priority: 0,
               definition: {redrive-every: 3600000, redrive-max: 3, redrive-parking-queue: parked}}
            """
        try await ManagementFixture.with(definitions: definitions) { api in
            let found = try await api.get("/api/dlq/%2F")
            #expect(found.strings("name", in: "queues") == ["dead", "parked"])
            #expect(found.strings("queue", in: "queues", 1, "sources") == ["dead"])
            let named = try await api.get("/api/dlq/%2F?pattern=w*&pattern=par%3Fed")
            #expect(named.strings("name", in: "queues") == ["parked", "work"])
            let many = Array(repeating: "pattern=w", count: 21).joined(separator: "&")
            for query in [many, "pattern=" + String(repeating: "a", count: 256)] {
                #expect(try await api.get("/api/dlq/%2F?" + query).status == 400)
            }
            try await api.withChannel { channel in
                try await channel.publishConfirmed("m".utf8, routingKey: "work", properties: .persistent)
                try channel.reject(try #require(try await channel.get(from: "work")), requeue: false)
                _ = try await channel.checkQueue("work")
                try await channel.deleteQueue("work")
            }
            let orphan = try await api.get("/api/dlq/%2F")
            #expect(orphan.strings("name", in: "queues") == ["dead", "parked"])
            let url = ["--url", api.url]
            let list = try await CommandRun.run(["dlq", "list", "dead", "nowhere", "x*"] + url)
            #expect(list.exitCode == 3 && list.lines.count == 2, "\(list.output)")
            #expect(list.errorOutput.contains("no queue 'nowhere' in virtual host '/'"))
            #expect(list.lines[0].contains("LAST MIN") && list.lines[1].contains("rejected 1"))
            #expect(try await CommandRun.run(["dlq", "list", "nowhere"] + url).exitCode == 1)
            let elsewhere = try await CommandRun.run(["dlq", "list", "--vhost", "nope"] + url)
            #expect(elsewhere.exitCode == 1 && elsewhere.errorOutput.contains("there is no such virtual host"))
        }
    }

    @Test("an expression that would take a thread for seconds is refused")
    func slowExpression() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                for number in 100..<200 {
                    try await channel.declareQueue(String(repeating: "a", count: 250) + "\(number)")
                }
            }
            let path = "/api/queues/%2F?page=1&use_regex=true&name="
            let slow = try await api.get(path + "%28a%3F%29%7B1300%7Db")
            #expect(slow.status == 400 && slow.string("reason")?.contains("steps") == true, "\(slow.text)")
            #expect(try await api.get(path + "%5Ea%2B1.5%24").integer("filtered_count") == 10)
        }
    }
}
