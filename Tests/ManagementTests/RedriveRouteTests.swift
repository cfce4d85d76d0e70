import AMQPProtocol
import CommandRuns
import HarrierClient
import NIOHTTP1
import Testing

/// Messages are moved over HTTP and by `harrier dlq move`.
@Suite(.timeLimit(.minutes(3))) struct RedriveRouteTests {
    /// So many dead letters of `orders` in `dead`.
    private func fill(_ api: ManagementFixture, _ count: Int) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("dead")
            try await channel.declareQueue(
                "orders",
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            for number in 0..<count {
                try await channel.publishConfirmed("\(number)".utf8, routingKey: "orders", properties: .persistent)
                let delivery = try #require(try await channel.get(from: "orders"))
                try channel.reject(delivery, requeue: false)
            }
            // An answer says that the rejects have been worked through.
            try await channel.declareQueue("dead")
        }
    }

    private func post(
        _ api: ManagementFixture, _ path: String, _ body: String = "", user: String = "guest:guest"
    ) async throws -> ManagementFixture.Answer {
        try await api.send(.POST, path, user: user, body: Array(body.utf8))
    }

    private func finished(_ api: ManagementFixture, _ id: String) async throws -> ManagementFixture.Answer {
        while true {
            let task = try await api.get("/api/dlq-tasks/%2F/\(id)")
            if task.status != 200 || task.string("status") != "running" { return task }
        }
    }

    @Test("a plan is made, applied by its hash, and told of as a task")
    func move() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 5)
            let plan = try await post(
                api, "/api/dlq/%2F/dead/move", #"{"filter": "body in (1, 2, 3)", "order": "newest"}"#)
            #expect(plan.status == 200 && plan.integer("messages") == 3 && plan.integer("scanned") == 5)
            #expect(plan.string("targets", 0, "queue") == "orders" && plan.integer("targets", 0, "messages") == 3)
            #expect(plan.string("request", "order") == "newest" && plan.integer("high_water_marks", 0) == 5)
            let hash = try #require(plan.string("plan"))
            let started = try await post(api, "/api/dlq/%2F/dead/move", "{\"apply\": \"\(hash)\"}")
            #expect(started.status == 202 && started.string("status") == "running")
            let id = try #require(started.string("id"))
            let task = try await finished(api, id)
            #expect(task.string("status") == "done" && task.integer("moved") == 3 && task.string("user") == "guest")
            let moved = try await api.get("/api/queues/%2F/orders/messages?body=text")
            #expect(moved.strings("payload", in: "items") == ["3", "2", "1"])
            #expect(moved.string("items", 0, "properties", "headers", "x-redriven-task") == id)
            #expect(try await post(api, "/api/dlq/%2F/dead/move", "{\"apply\": \"\(hash)\"}").status == 409)
            #expect(try await post(api, "/api/dlq-tasks/%2F/\(id)/pause").status == 409)
            #expect(try await api.get("/api/dlq-tasks/%2F").count() == 1)
            #expect(try await api.get("/api/dlq-tasks/a%2Fb/\(id)").status == 404)
            #expect(try await api.get("/api/dlq-tasks/%2F/x").status == 400)
        }
    }

    @Test("a sample is planned and moved, and is the same with its seed")
    func sample() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 20)
            let plan = try await post(api, "/api/dlq/%2F/dead/move", #"{"order": "sample", "limit": 5}"#)
            #expect(plan.integer("messages") == 5 && plan.integer("matched") == 20)
            let seed = try #require(plan.integer("request", "seed"))
            let again = try await post(
                api, "/api/dlq/%2F/dead/move", "{\"order\": \"sample\", \"limit\": 5, \"seed\": \(seed)}")
            #expect(again.string("plan") == plan.string("plan"))
            let refused = try await post(api, "/api/dlq/%2F/dead/move", #"{"order": "sample"}"#)
            #expect(refused.status == 400 && refused.string("reason")?.contains("needs a limit") == true)
            let arguments = [
                "dlq", "move", "dead", "--order", "sample", "--limit", "5", "--seed", "\(seed)", "--apply",
            ]
            let done = try await CommandRun.run(arguments + ["--url", api.url])
            #expect(done.exitCode == 0, "\(done.errorOutput)")
            #expect(try await api.get("/api/queues/%2F/orders").integer("messages") == 5)
            for arguments in [["--order", "sample"], ["--seed", "1"]] {
                let run = try await CommandRun.run(["dlq", "move", "dead"] + arguments + ["--url", api.url])
                #expect(run.exitCode == 2)
            }
        }
    }

    @Test("a task is paused, goes on and is cancelled by who began it, or by an administrator")
    func tasks() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 4)
            let plan = try await post(
                api, "/api/dlq/%2F/dead/move", #"{"to": "original-queue", "canary": 1, "canary_wait_ms": 86400000}"#)
            let started = try await post(api, "/api/dlq/%2F/dead/move", "{\"apply\": \"\(plan.string("plan") ?? "")\"}")
            let path = "/api/dlq-tasks/%2F/\(started.string("id") ?? "")"
            #expect(try await post(api, "\(path)/pause", user: "manager:m:secret").status == 401)
            #expect(try await post(api, "\(path)/pause").string("status") == "paused")
            #expect(try await post(api, "\(path)/resume").string("status") == "running")
            #expect(try await post(api, "\(path)/cancel").status == 200)
            #expect(try await finished(api, started.string("id") ?? "").string("status") == "cancelled")
        }
    }

    @Test(
        "what can't be asked for is refused",
        arguments: [
            ("[]", 400, "no JSON object"), ("{", 400, "line 1, column 2"),
            (#"{"filter": " "}"#, 400, "filter: is empty"),
            (#"{"fliter": ""}"#, 400, "no field is called 'fliter'"),
            (#"{"to": "nowhere"}"#, 400, "expected one of original"),
            (#"{"to": "queue"}"#, 400, "queue: expected a name"),
            (#"{"queue": "x"}"#, 400, "means nothing"), (#"{"to": "queue", "queue": "x"}"#, 404, "no queue 'x'"),
            (#"{"to": "exchange", "exchange": "x"}"#, 404, "no exchange 'x'"), (#"{"rate": 0}"#, 400, "rate: expected"),
            (#"{"ttl": "some"}"#, 400, "ttl: expected"), (#"{"state": "unacked"}"#, 400, "only ready"),
            (#"{"filter": "x = y"}"#, 400, "column 1"), (#"{"apply": "0123"}"#, 409, "no such plan"),
            (#"{"state": "blue"}"#, 400, "state: expected"),
        ])
    func refused(body: String, status: Int, reason: String) async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 1)
            let answer = try await post(api, "/api/dlq/%2F/dead/move", body)
            #expect(answer.status == status && answer.string("reason")?.contains(reason) == true, "\(answer.text)")
        }
    }

    @Test("the permission to read is needed")
    func permissions() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 1)
            #expect(try await post(api, "/api/dlq/%2F/dead/move", user: "manager:m:secret").status == 401)
        }
    }

    @Test("the command plans, applies what was planned, and ends with 3 if something stays")
    func command() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 3)
            let url = ["--url", api.url]
            let plan = try await CommandRun.run(["dlq", "move", "dead", "--filter", "body != 2"] + url)
            #expect(
                plan.exitCode == 0 && plan.lines.last?.split(separator: " ").map(String.init) == ["orders", "2", "2"])
            #expect(plan.errorOutput.contains("2 of 2 messages would be moved, 3 looked at; complete"))
            let hash = try #require(plan.errorOutput.split(separator: " ").last).trimmingPrefix("\n").split(
                separator: "\n")
            let done = try await CommandRun.run(["dlq", "move", "dead", "--apply", "--plan", String(hash[0])] + url)
            #expect(done.exitCode == 0 && done.lines.last?.contains("done") == true, "\(done.errorOutput)")
            try await api.withChannel { channel in
                try await channel.declareQueue(
                    "full", arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
                try await channel.publishConfirmed("x".utf8, routingKey: "full")
            }
            let stays = try await CommandRun.run(["dlq", "move", "dead", "--to-queue", "full", "--apply"] + url)
            #expect(stays.exitCode == 3 && stays.output.contains("(stays: refused)"))
            let empty = try await CommandRun.run(
                [
                    "dlq", "move", "orders", "--to-queue", "dead", "--limit", "1", "--reset-deaths", "--apply",
                    "--output", "ndjson",
                ]
                    + url)
            #expect(empty.exitCode == 0 && empty.lines.count == 1 && empty.lines[0].contains("\"moved\":1"))
            let tasks = try await CommandRun.run(["dlq", "tasks"] + url)
            #expect(tasks.exitCode == 0 && tasks.lines.count == 4)
            let one = try await CommandRun.run(["dlq", "task", "1", "wait"] + url)
            #expect(one.exitCode == 0 && one.lines.count == 2)
            #expect(try await CommandRun.run(["dlq", "task", "1", "cancel"] + url).exitCode == 1)
            #expect(try await CommandRun.run(["dlq", "task", "99"] + url).exitCode == 1)
            for arguments in [
                ["--to-queue", "a", "--to", "original"], ["--routing-key", "k"], ["--plan", "x"], ["--ttl", "soon"],
                ["--to-queue", "a", "--death", "oldest"],
            ] {
                #expect(
                    try await CommandRun.run(["dlq", "move", "dead"] + arguments + url).exitCode == 2, "\(arguments)")
            }
        }
    }

    /// The hash in what a plan says on standard error.
    private func hash(_ run: CommandRun) throws -> String {
        let behind = try #require(run.errorOutput.split(separator: "--plan ").last)
        return String(behind.prefix { $0.isHexDigit })
    }

    @Test(
        "a plan is applied by the command that made it, with its options or none; an empty filter is not all messages")
    func planMismatch() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 4)
            let url = ["--url", api.url]
            let move = try hash(try await CommandRun.run(["dlq", "move", "dead", "--filter", "body = 1"] + url))
            let short = try hash(try await CommandRun.run(["dlq", "delete", "dead", "--grace", "1"] + url))
            let delete = try hash(try await CommandRun.run(["dlq", "delete", "dead"] + url))
            for (arguments, reason) in [
                (["delete", "dead", "--apply", "--plan", move], "that plan is one to move"),
                (["move", "dead", "--apply", "--plan", delete], "that plan is one to delete"),
                (["move", "dead", "--filter", "body = 2", "--apply", "--plan", move], "another 'filter'"),
                (["move", "dead", "--filter", "body = 1", "--rate", "5", "--apply", "--plan", move], "another 'rate'"),
                (["move", "dead", "--order", "newest", "--apply", "--plan", move], "another 'order'"),
                (["delete", "dead", "--grace", "168", "--apply", "--plan", short], "another 'grace_ms'"),
            ] {
                let run = try await CommandRun.run(["dlq"] + arguments + url)
                #expect(run.exitCode == 1 && run.errorOutput.contains(reason), "\(run.errorOutput)")
            }
            #expect(try await api.get("/api/dlq-tasks/%2F").count() == 0)
            let same = ["dlq", "move", "dead", "--filter", "body = 1", "--apply", "--plan", move]
            // What is said again need not be all of it.
            #expect(try await CommandRun.run(same + ["--order", "oldest"] + url).exitCode == 0)
            #expect(try await CommandRun.run(["dlq", "delete", "dead", "--filter", "", "--apply"] + url).exitCode == 2)
            #expect(try await CommandRun.run(["dlq", "move", "dead", "--canary-wait", "5"] + url).exitCode == 2)
            let nothing = try await CommandRun.run(["dlq", "move", "dead", "--filter", "body = 9", "--apply"] + url)
            #expect(nothing.exitCode == 0 && nothing.errorOutput.contains("the queue has 3 ready messages"))
            #expect(try await api.get("/api/dlq-tasks/%2F").count() == 1)
            let history = try await CommandRun.run(["dlq", "history"] + url)
            #expect(history.lines.last?.contains("body = 1") == true && history.lines[0].contains("TO"))
            let forGood = try await CommandRun.run(["dlq", "delete", "dead", "--grace", "0"] + url)
            #expect(forGood.output.contains("gone for good"))
        }
    }

    @Test("a slow task is told of while it runs, and what is asked of it is waited for")
    func slowTask() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, 100)
            let url = ["--url", api.url]
            let move = ["dlq", "move", "dead", "--apply"] + url
            let few = try await CommandRun.run(move + ["--limit", "8", "--rate", "2"])
            #expect(few.exitCode == 0 && few.errorOutput.contains("to stop it: harrier dlq task 1 cancel"))
            let started = try await CommandRun.run(move + ["--rate", "1", "--detach"])
            #expect(started.exitCode == 0 && started.errorOutput.contains("task 2 runs"))
            async let waiting = CommandRun.run(["dlq", "task", "2", "wait"] + url)
            let shown = try await CommandRun.run(["dlq", "task", "2"] + url)
            #expect(shown.exitCode == 0 && shown.errorOutput.contains("of 92"))
            let cancelled = try await CommandRun.run(["dlq", "task", "2", "cancel"] + url)
            #expect(cancelled.exitCode == 0 && cancelled.output.contains("cancelled"))
            #expect(try await waiting.exitCode == 3)
            #expect(try await CommandRun.run(["dlq", "task", "2"] + url).exitCode == 3)
        }
    }
}
