import AMQPProtocol
import CommandRuns
import Foundation
import HarrierClient
import NIOHTTP1
import TestServers
import Testing

/// Messages are edited over HTTP and by `harrier dlq edit`.
@Suite(.timeLimit(.minutes(3))) struct EditRouteTests {
    /// Orders in `dead` that had been in `orders`.
    private func fill(_ api: ManagementFixture, _ bodies: [String]) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("dead")
            try await channel.declareQueue(
                "orders",
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            for body in bodies {
                var properties = BasicProperties(contentType: "application/json", deliveryMode: 2)
                properties.headers = ["at": .timestamp(7), "tries": .int8(1)]
                try await channel.publishConfirmed(body.utf8, routingKey: "orders", properties: properties)
                let delivery = try #require(try await channel.get(from: "orders"))
                try channel.reject(delivery, requeue: false)
            }
            try await channel.declareQueue("dead")
        }
    }

    private func post(
        _ api: ManagementFixture, _ body: String, id: String = "0", user: String = "guest:guest"
    ) async throws -> ManagementFixture.Answer {
        try await api.send(.POST, "/api/dlq/%2F/dead/messages/\(id)/edit", user: user, body: Array(body.utf8))
    }

    private func acknowledgeOne(_ api: ManagementFixture) async throws -> String {
        try await api.withChannel { channel in
            let delivery = try #require(try await channel.get(from: "orders"))
            try channel.acknowledge(delivery)
            try await channel.declareQueue("dead")
            return delivery.text
        }
    }

    /// Asks until no edit is under way.
    private func settled(_ api: ManagementFixture) async throws -> ManagementFixture.Answer {
        while true {
            let edits = try await api.get("/api/dlq-edits/%2F")
            if edits.status != 200 || !edits.strings("status", in: []).contains("under_way") { return edits }
        }
    }

    @Test("a patch changes body, headers and properties; what it leaves stays as it was, with its type")
    func patch() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, [#"{"id": 3, "quantity": "two"}"#])
            let document = try await api.get("/api/dlq/%2F/dead/messages/0/document")
            #expect(document.string("body", "quantity") == "two" && document.string("body_encoding") == "json")
            #expect(document.string("properties", "content_type") == "application/json")
            let edit = try await post(
                api,
                #"{"patch": [{"op": "test", "path": "/body/quantity", "value": "two"}, "#
                    + #"{"op": "replace", "path": "/body/quantity", "value": 2}, "#
                    + #"{"op": "add", "path": "/headers/x~1y", "value": [1, true]}, "#
                    + #"{"op": "remove", "path": "/headers/tries"}, "#
                    + #"{"op": "add", "path": "/properties/message_id", "value": "m"}]}"#)
            #expect(edit.status == 200 && edit.string("status") == "under_way", "\(edit.text)")
            #expect(edit.string("copies", 0) == "orders" && edit.string("message") == "0")
            try await api.withChannel { channel in
                let copy = try #require(try await channel.get(from: "orders"))
                #expect(copy.text == #"{"id":3,"quantity":2}"# && copy.properties.messageID == "m")
                let headers = try #require(copy.properties.headers)
                #expect(headers["at"] == .timestamp(7) && headers["tries"] == nil)
                #expect(headers["x/y"] == .array([.int64(1), .boolean(true)]))
                #expect(headers["x-edited-by"] == .string("guest") && headers["x-original-id"] == .string("0"))
                try channel.reject(copy, requeue: true)
            }
            let again = try await post(api, #"{"patch": []}"#)
            #expect(again.status == 409 && again.string("reason")?.contains("edited already (edit 1)") == true)
            let browsed = try await api.get("/api/queues/%2F/dead/messages")
            #expect(browsed.string("items", 0, "edit_id") == "1")
            _ = try await acknowledgeOne(api)
            #expect(try await settled(api).string(0, "status") == "done")
            #expect(try await api.get("/api/queues/%2F/dead/messages").count("items") == 0)
            #expect(try await post(api, #"{"patch": []}"#).status == 404)
        }
    }

    /// Each step doubles what is there.
    private static let doubling = (0..<40).map { number in
        "{\"op\": \"copy\", \"from\": \"/body\", \"path\": \"/body/b\(number)\"}"
    }.joined(separator: ", ")

    /// Each step goes ten levels deeper than the one before.
    private static let deepening = (0..<60).map { number in
        let path = "/body" + String(repeating: "/a/a/a/a/a/a/a/a/a/a", count: number) + "/a"
        let value = String(repeating: "{\"a\":", count: 10) + "1" + String(repeating: "}", count: 10)
        return "{\"op\": \"add\", \"path\": \"\(path)\", \"value\": \(value)}"
    }.joined(separator: ", ")

    @Test(
        "what can't be is refused, and nothing is published",
        arguments: [
            (#"{}"#, 400, "either a patch"), (#"{"patch": {}}"#, 400, "expected a list"),
            (#"{"patch": [{"op": "drop", "path": ""}]}"#, 400, "patch[0]"),
            (#"{"patch": [{"op": "remove", "path": "/body/nothing"}]}"#, 400, "nothing is there: /body/nothing"),
            (#"{"patch": [{"op": "test", "path": "/body/id", "value": 4}]}"#, 409, "not what is expected"),
            (#"{"patch": [{"op": "add", "path": "/properties/colour", "value": 4}]}"#, 400, "no property"),
            (#"{"patch": [{"op": "add", "path": "/properties/priority", "value": 256}]}"#, 400, "priority"),
            (#"{"patch": [{"op": "remove", "path": "/headers/x-death/0"}]}"#, 400, "broker's word"),
            (#"{"patch": [{"op": "replace", "path": "/body_encoding", "value": "text"}]}"#, 400, "expected a text"),
            (#"{"patch": [], "to": "queue", "queue": "nowhere"}"#, 404, "no queue 'nowhere'"),
            (#"{"document": {"body": 1}}"#, 400, "expected an object with headers"),
            (#"{"patch": [\#(Self.doubling)]}"#, 400, "bytes are added"),
            (#"{"patch": [\#(Self.deepening)]}"#, 400, "more than 512 levels"),
            (#"{"patch": [{"op": "add", "path": "/headers/n", "value": 99999999999999999999}]}"#, 400, "larger than"),
        ])
    func refused(body: String, status: Int, reason: String) async throws {
        try await ManagementFixture.with { api in
            try await fill(api, [#"{"id": 3}"#])
            let answer = try await post(api, body)
            #expect(answer.status == status && answer.string("reason")?.contains(reason) == true, "\(answer.text)")
            #expect(try await api.get("/api/dlq-edits/%2F").count() == 0)
            #expect(try await post(api, #"{"patch": []}"#, user: "manager:m:secret").status == 401)
        }
    }

    @Test("numbers of a body that is changed stay as they are written")
    func numbers() async throws {
        try await ManagementFixture.with { api in
            let body = #"{"amount": 19.90, "e": 1.0, "id": 12345678901234567890123, "t": 1e2}"#
            try await fill(api, [body, #"{"dup": 1, "dup": 2}"#])
            let edit = try await CommandRun.run(
                ["dlq", "edit", "dead", "0", "--url", api.url, "--patch"]
                    + [#"[{"op": "add", "path": "/body/x", "value": 0.50}]"#])
            #expect(edit.exitCode == 0, "\(edit.errorOutput)")
            let copy = try await acknowledgeOne(api)
            #expect(copy == #"{"amount":19.90,"e":1.0,"id":12345678901234567890123,"t":1e2,"x":0.50}"#)
            // What would not be the same when it is written again is edited as text.
            let document = try await api.get("/api/dlq/%2F/dead/messages/1/document")
            #expect(document.string("body_encoding") == "text")
            let shown = try await CommandRun.run(
                ["dlq", "browse", "dead", "--body", "json", "--output", "ndjson", "--url", api.url])
            #expect(shown.output.contains(#""payload":"{\"dup\": 1, \"dup\": 2}""#))
        }
    }

    @Test("what was written in the editor is kept if it can't be published, and an edit under way is told of before")
    func editor() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, [#"{"n": 0}"#, #"{"n": 1}"#])
            let directory = try TemporaryDirectory()
            let breaking = try directory.write("#!/bin/sh\necho '{\"body\": }' > \"$1\"\n", to: "breaking")
            func edit(_ id: String, _ editor: String) async throws -> CommandRun {
                try await CommandRun.run(
                    "/usr/bin/env",
                    ["VISUAL=", "EDITOR=\(editor)", ChildProcess.builtProgram("harrier"), "dlq", "edit", "dead", id]
                        + ["--url", api.url])
            }
            let broken = try await edit("0", "sh \(breaking)")
            #expect(broken.exitCode == 2 && broken.errorOutput.contains("is no JSON: line 1, column 10"))
            let place = try #require(broken.errorOutput.split(separator: "is in ").last?.split(separator: "\n").first)
            #expect(try String(contentsOfFile: String(place), encoding: .utf8) == "{\"body\": }\n")
            try FileManager.default.removeItem(at: URL(filePath: String(place)).deletingLastPathComponent())
            let good = try await edit("0", #"sed -i 's/"n": 0/"n": 5/'"#)
            #expect(good.exitCode == 0, "\(good.errorOutput)")
            let again = try await edit("0", "touch \(directory.path)/opened")
            #expect(again.exitCode == 1 && again.errorOutput.contains("an edited copy of message 0 is under way"))
            #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/opened"))
            let unchanged = try await edit("1", "true")
            #expect(unchanged.exitCode == 0 && unchanged.errorOutput.contains("nothing was published"))
            let empty = try await CommandRun.run(["dlq", "edit", "dead", "1", "--patch", "[]", "--url", api.url])
            #expect(empty.exitCode == 0 && empty.errorOutput.contains("nothing was published"))
            let nonsense = try await CommandRun.run(["dlq", "edit", "dead", "1", "--patch", "[{]", "--url", api.url])
            #expect(nonsense.exitCode == 2 && nonsense.errorOutput.contains("--patch is no JSON: line 1, column 3"))
        }
    }

    @Test("the command edits by patch, file, body and editor, and lists edits")
    func command() async throws {
        try await ManagementFixture.with { api in
            try await fill(api, ["{\"n\": 0}", "{\"n\": 1}", "plain", "{\"n\": 3}"])
            let directory = try TemporaryDirectory()
            let url = ["--url", api.url]
            func edit(_ arguments: String...) async throws -> CommandRun {
                try await CommandRun.run(["dlq", "edit", "dead"] + arguments + url)
            }
            let patch = #"[{"op": "replace", "path": "/body/n", "value": 10}]"#
            let first = try await edit("0", "--patch", patch)
            #expect(first.exitCode == 0 && first.lines.last?.contains("under_way") == true, "\(first.errorOutput)")
            #expect(try await edit("0", "--patch", patch).exitCode == 1)
            let shown = try await edit("1", "--show")
            let file = try directory.write(shown.output.replacing("\"n\": 1", with: "\"n\": 11"), to: "1.json")
            #expect(try await edit("1", "--document", file).exitCode == 0)
            let body = try directory.write("other", to: "body")
            #expect(try await edit("2", "--body", body).exitCode == 0)
            let nobody = try await edit("3", "--patch", "[", "--body", "x")
            #expect(nobody.exitCode == 2)
            for expected in ["{\"n\":10}", "{\"n\":11}", "other"] {
                #expect(try await acknowledgeOne(api) == expected)
            }
            _ = try await settled(api)
            let edits = try await CommandRun.run(["dlq", "edits"] + url)
            #expect(edits.exitCode == 0 && edits.lines.count == 4 && edits.output.contains("done"))
            let left = try await CommandRun.run(["dlq", "browse", "dead", "--output", "ndjson"] + url)
            #expect(left.lines.count == 1 && left.output.contains("\"id\":\"3\""))
        }
    }
}
