import AMQPProtocol
import BrokerServer
import Foundation
import HarrierClient
import HarrierManagement
import Testing

/// The management API from Swift.
@Suite(.timeLimit(.minutes(2))) struct ManagementClientTests {
    /// Five orders that died, two of them of `NO`.
    private func fill(_ api: ManagementFixture) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("dead")
            try await channel.declareQueue(
                "orders",
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            for (id, country) in ["DE", "NO", "FR", "NO", "DE"].enumerated() {
                let body = "{\"id\": \(id), \"country\": \"\(country)\", \"price\": 1.50}"
                try await channel.publishConfirmed(body.utf8, routingKey: "orders", properties: .persistent)
                try channel.reject(try #require(try await channel.get(from: "orders")), requeue: false)
            }
            try await channel.declareQueue("dead")
        }
    }

    private func with(
        _ body: (ManagementClient, ManagementFixture) async throws -> Void
    ) async throws {
        try await ManagementFixture.with { api in
            try await fill(api)
            try await ManagementClient.withClient(to: api.url) { client in try await body(client, api) }
        }
    }

    @Test("dead letters are found, looked at, counted and grouped")
    func looking() async throws {
        try await with { client, _ in
            let queue = try #require(try await client.deadLetterQueues().first)
            #expect(queue.name == "dead" && queue.messages == 5 && queue.deadLettersLastMinute == 5)
            #expect(queue.reasons == ["rejected": 5] && queue.sources.map(\.queue) == ["orders"])
            #expect(try await client.deadLetterQueues(named: ["ord*"]).map(\.name) == ["orders"])
            var bodies: [JSONValue?] = []
            let query = MessageQuery("$.country = \"NO\"", body: .json)
            for try await message in client.messages(in: "dead", matching: query) {
                bodies.append(message.body)
                #expect(message.state == .ready && message.headers["x-death"]?.array?.count == 1)
            }
            #expect(bodies.compactMap { $0?.object?["price"] } == [.number("1.50"), .number("1.50")])
            #expect(try await client.count(in: "dead", matching: query).matched == 2)
            let groups = try await client.groups(in: "dead", by: "$.country")
            #expect(groups.groups.map(\.key) == ["DE", "NO", "FR"] && groups.isComplete && groups.count.matched == 5)
            let one = try #require(try await client.message("3", in: "dead"))
            #expect(one.id == "3" && one.body?.string?.contains("\"id\": 3") == true)
            #expect(try await client.message("99", in: "dead") == nil)
            let noID = await #expect(throws: ManagementError.self) {
                _ = try await client.message("1 or size > 0", in: "dead")
            }
            #expect(noID?.isNotFound == false)
            let noQueue = await #expect(throws: ManagementError.self) {
                _ = try await client.message("1", in: "nowhere")
            }
            #expect(noQueue?.isNotFound == true)
            #expect(try await client.body(of: "99", in: "dead") == nil)
            #expect(try await client.body(of: "0", in: "dead")?.count == one.bodyByteCount)
            #expect(try await client.deadLetterProblems().isEmpty)
            #expect(try await client.deadLetterAlerts().isEmpty)
            #expect(try await client.undeliverableCounts().isEmpty)
        }
    }

    @Test("messages are moved, deleted, restored, and that is undone")
    func moving() async throws {
        try await with { client, api in
            let plan = try await client.planMove(from: "dead", MoveRequest("$.country = \"NO\""))
            #expect(plan.messages == 2 && plan.targets.map(\.queue) == ["orders"] && plan.stays.isEmpty)
            let moved = try await client.wait(for: try await client.apply(plan))
            #expect(moved.status == .done && moved.moved == 2 && moved.gone == 0 && moved.stays.isEmpty)
            await #expect(throws: ManagementError.self) { _ = try await client.apply(plan) }
            for task in try await client.undo(moved) { #expect(try await client.wait(for: task).moved == 2) }
            #expect(try await client.count(in: "dead").matched == 5)
            let deletion = try await client.planDeletion(from: "dead", MessageQuery("$.country = \"DE\""))
            let deleted = try await client.wait(for: try await client.apply(deletion))
            #expect(deleted.moved == 2 && deleted.action == "delete")
            let restoration = try await client.planRestoration(to: "dead", task: deleted)
            #expect(try await client.wait(for: try await client.apply(restoration)).moved == 2)
            var request = MoveRequest(to: .queue("orders"))
            request.messagesPerSecond = 1
            request.canary = MoveRequest.Canary(messages: 4)
            let slow = try await client.apply(try await client.planMove(from: "dead", request))
            #expect(try await client.pause(slow).status == .paused)
            #expect(try await client.resume(slow).status == .running)
            _ = try await client.cancel(slow)
            #expect(try await client.wait(for: slow).status == .cancelled)
            #expect(try await client.tasks().count == 5)
            _ = api
        }
    }

    @Test("a message is edited by patch and as a whole")
    func editing() async throws {
        try await with { client, api in
            let patch: JSONValue = [["op": "replace", "path": "/body/country", "value": "SE"]]
            let first = try await client.edit("0", in: "dead", patch: patch)
            #expect(first.status == .underWay && first.copies == ["orders"])
            var document = try await client.document(of: "1", in: "dead")
            document["body"] = ["country": "DK", "price": .number("2.50")]
            _ = try await client.edit("1", in: "dead", to: document, destination: .queue("orders"))
            let texts = try await api.withChannel { channel in
                var texts: [String] = []
                while let delivery = try await channel.get(from: "orders") {
                    texts.append(delivery.text)
                    try channel.acknowledge(delivery)
                }
                _ = try await channel.checkQueue("orders")
                return texts
            }
            #expect(texts == [#"{"country":"SE","id":0,"price":1.50}"#, #"{"country":"DK","price":2.50}"#])
            // The broker's answer is the event: the suite's time limit ends it if that never comes.
            var statuses = try await client.edits().map(\.status)
            while statuses.contains(.underWay) { statuses = try await client.edits().map(\.status) }
            #expect(statuses == [.done, .done])
        }
    }

    @Test("the article's sample is the one that is compiled here, and runs")
    func article() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let source = try String(contentsOf: folder.appending(path: "ManagementArticle.swift"), encoding: .utf8)
        let sample = try #require(source.components(separatedBy: "// article begin\n").last)
            .components(separatedBy: "// article end")[0]
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let path = "Sources/HarrierManagement/HarrierManagement.docc/HarrierManagement.md"
        let article = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        #expect(article.contains("```swift\n\(sample)```"))
        try await with { client, api in
            try await moveBack(at: api.url)
            #expect(try await client.count(in: "dead").matched == 3)
        }
    }

    @Test("what goes wrong is told by what it is")
    func errors() async throws {
        try await with { client, api in
            let missing = await #expect(throws: ManagementError.self) { _ = try await client.count(in: "nowhere") }
            #expect(missing?.isNotFound == true)
            let bad = await #expect(throws: ManagementError.self) {
                _ = try await client.count(in: "dead", matching: MessageQuery("reason = "))
            }
            #expect(bad.map { "\($0)" }?.contains("refused (400)") == true)
            await #expect(throws: ManagementError.badAddress) {
                try await ManagementClient.withClient(to: "ftp://x") { _ in }
            }
            let elsewhere = "http://guest:pa55@127.0.0.1:\(api.server.amqpPort)"
            let error = await #expect(throws: ManagementError.self) {
                _ = try await ManagementClient.withClient(to: elsewhere) { try await $0.tasks() }
            }
            #expect(error.map { "\($0)" }?.contains("pa55") == false)
        }
    }
}
