import AMQPProtocol
import BrokerServer
import CommandRuns
import Foundation
import HarrierClient
import NIOHTTP1
import Testing

/// `harrier dlq list`, `browse` and `move` with AMQP alone, as for another broker.
@Suite(.timeLimit(.minutes(3))) struct OverAMQPTests {
    private func fill(_ api: ManagementFixture, _ count: Int) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("dead")
            try await channel.declareExchange("work", type: .direct)
            try await channel.declareQueue(
                "orders",
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            try await channel.bindQueue("orders", to: "work", routingKey: "o")
            for number in 0..<count {
                var properties = BasicProperties.persistent
                properties.headers = ["n": .int8(Int8(number))]
                try await channel.publishConfirmed(
                    "\(number)".utf8, to: "work", routingKey: "o", properties: properties)
                let delivery = try #require(try await channel.get(from: "orders"))
                try channel.reject(delivery, requeue: false)
            }
            try await channel.declareQueue("dead")
        }
    }

    private func url(_ api: ManagementFixture) -> [String] {
        ["--url", "amqp://guest:guest@127.0.0.1:\(api.server.amqpPort)"]
    }

    private func bodies(_ api: ManagementFixture, _ queue: String) async throws -> [String] {
        try await api.get("/api/queues/%2F/\(queue)/messages?body=text").strings("payload", in: "items")
    }

    @Test("what is weaker is said first; named queues are listed, and one that is not there is told of")
    func list() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 3)
            let list = try await CommandRun.run(["dlq", "list", "dead", "orders"] + url(api))
            #expect(list.exitCode == 0 && list.errorOutput.hasPrefix("Over AMQP this is weaker"), "\(list.errorOutput)")
            #expect(
                list.lines.map { $0.split(separator: " ").map(String.init) } == [
                    ["NAME", "READY", "CONSUMERS"], ["dead", "3", "0"], ["orders", "0", "0"],
                ])
            let some = try await CommandRun.run(["dlq", "list", "nowhere", "dead"] + url(api))
            #expect(some.exitCode == 3 && some.errorOutput.contains("no queue 'nowhere'"))
            #expect(try await CommandRun.run(["dlq", "list"] + url(api)).exitCode == 2)
            let named = try await CommandRun.run(["dlq", "list", "dead", "--url", api.url])
            #expect(named.exitCode == 0 && named.lines.count == 2)
        }
    }

    @Test("messages that are browsed are given back, in their order")
    func browse() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 3)
            let browse = try await CommandRun.run(["dlq", "browse", "dead", "--limit", "2"] + url(api))
            #expect(browse.exitCode == 0 && browse.lines.count == 3)
            #expect(
                browse.lines.last?.split(separator: " ").map(String.init) == ["dead", "rejected", "orders", "1", "1"])
            #expect(browse.errorOutput.contains("2 messages shown and given back; 1 more are ready"))
            let objects = try await CommandRun.run(["dlq", "browse", "dead", "--output", "ndjson"] + url(api))
            #expect(objects.lines.count == 3 && objects.lines[2].contains("\"payload\":\"2\""))
            #expect(try await bodies(api, "dead") == ["0", "1", "2"])
        }
    }

    @Test("a dry run moves nothing; a move publishes each message where it had been, stamped, and takes it away")
    func move() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 5)
            let plan = try await CommandRun.run(["dlq", "move", "dead"] + url(api))
            #expect(plan.exitCode == 0 && plan.errorOutput.contains("nothing has been moved"))
            #expect(try await bodies(api, "dead").count == 5)
            let some = try await CommandRun.run(
                ["dlq", "move", "dead", "--limit", "2", "--apply", "--rate", "1000"] + url(api))
            #expect(some.exitCode == 0 && some.errorOutput.contains("at least once"), "\(some.errorOutput)")
            #expect(try await bodies(api, "orders") == ["0", "1"])
            #expect(try await bodies(api, "dead") == ["2", "3", "4"])
            let rest = try await CommandRun.run(
                ["dlq", "move", "dead", "--to", "original-queue", "--reset-deaths", "--ttl", "900000", "--apply"]
                    + url(api))
            #expect(rest.exitCode == 0)
            #expect(try await bodies(api, "orders") == ["0", "1", "2", "3", "4"])
            #expect(try await bodies(api, "dead") == [])
            let moved = try await api.get("/api/queues/%2F/orders/messages")
            #expect(moved.integer("items", 0, "properties", "headers", "x-redriven-count") == 1)
            #expect(moved.string("items", 0, "properties", "headers", "x-redriven-by") == "guest")
            #expect(moved.value("items", 0, "properties", "headers", "x-death") != nil)
            #expect(moved.string("items", 4, "properties", "expiration") == "900000")
            #expect(moved.value("items", 4, "properties", "headers", "x-death") == nil)
        }
    }

    @Test("what finds no queue, a full one, no exchange or no death stays, is told of, and the code is 3")
    func stays() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 3)
            func move(_ arguments: String...) async throws -> CommandRun {
                try await CommandRun.run(["dlq", "move", "dead", "--apply"] + arguments + url(api))
            }
            let unroutable = try await move("--to-exchange", "work", "--routing-key", "nowhere")
            #expect(unroutable.exitCode == 3 && unroutable.errorOutput.contains("no queue behind the exchange"))
            let missing = try await move("--to-exchange", "nowhere")
            #expect(missing.exitCode == 3 && missing.errorOutput.contains("the exchange is not there"))
            #expect(try await move("--to-queue", "nowhere").exitCode == 3)
            try await api.withChannel { channel in
                try await channel.declareQueue(
                    "small", arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
                try await channel.publishConfirmed("plain".utf8, routingKey: "dead")
            }
            let full = try await move("--to-queue", "small")
            #expect(full.exitCode == 3 && full.errorOutput.contains("a queue is full"))
            #expect(try await bodies(api, "small") == ["0"])
            #expect(try await bodies(api, "dead") == ["1", "2", "plain"])
            let rest = try await move()
            #expect(rest.exitCode == 3 && rest.errorOutput.contains("no death"))
            #expect(try await bodies(api, "dead") == ["plain"])
            #expect(try await bodies(api, "orders") == ["1", "2"])
            #expect(try await CommandRun.run(["dlq", "move", "nowhere"] + url(api)).exitCode == 1)
        }
    }

    @Test("a signal ends a move behind the message in hand, with what was done told")
    func signal() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 100)
            let (output, outputEnd) = try ChildProcess.makePipe()
            let child = try ChildProcess(
                [ChildProcess.builtProgram("harrier"), "dlq", "move", "dead", "--apply", "--rate", "5"] + url(api),
                output: .descriptor(outputEnd), errorOutput: .null)
            close(outputEnd)
            while try await api.get("/api/queues/%2F/orders").integer("messages_ready") ?? 0 < 3 {}
            child.signal(SIGINT)
            let code = await child.exitCode()
            let text = String(decoding: try FileHandle(fileDescriptor: output).readToEnd() ?? Data(), as: UTF8.self)
            close(output)
            #expect(code == 3 && text.contains("MOVED"))
            let (moved, left) = (try await bodies(api, "orders"), try await bodies(api, "dead"))
            #expect(moved.count >= 3 && !left.isEmpty && moved + left == (0..<100).map { "\($0)" })
        }
    }

    @Test("what goes round comes to an end")
    func round() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 3)
            let move = try await CommandRun.run(["dlq", "move", "dead", "--to-queue", "dead", "--apply"] + url(api))
            #expect(move.exitCode == 0)
            #expect(try await bodies(api, "dead") == ["0", "1", "2"])
        }
    }

    @Test(
        "what only the management API can do is refused",
        arguments: [
            ["move", "dead", "--filter", "id = 1"], ["move", "dead", "--canary", "1"],
            ["move", "dead", "--order", "newest"],
            ["browse", "dead", "--cursor", "3"], ["browse", "dead", "--state", "unacked"], ["why", "dead", "1"],
            ["edit", "dead", "1", "--show"], ["history"],
        ])
    func refused(arguments: [String]) async throws {
        let run = try await CommandRun.run(["dlq"] + arguments + ["--url", "amqp://127.0.0.1:1"])
        #expect(run.exitCode == 2 && run.errorOutput.contains("management API"), "\(run.errorOutput)")
    }
}
