import AMQPProtocol
import CommandRuns
import Foundation
import HarrierClient
import LosslessJSON
import NIOCore
import NIOHTTP1
import TestServers
import Testing

/// `harrier dlq delete|restore|undo|export|import` and their routes.
@Suite(.timeLimit(.minutes(3))) struct BinRouteTests {
    @Test("messages are deleted, seen in the bin, restored and deleted again, and that is undone")
    func bin() async throws {
        try await ManagementFixture.with { api in
            try await FilteredRouteTests.fill(api, count: 6)
            let url = ["--url", api.url]
            func count() async throws -> Int? {
                try await api.get("/api/queues/%2F/q/messages/count").integer("matched")
            }
            #expect(try await api.get("/api/dlq-bin/%2F/messages").count("items") == 0)
            let plan = try await CommandRun.run(["dlq", "delete", "q", "--filter", "header.error = e0"] + url)
            #expect(plan.exitCode == 0 && plan.errorOutput.contains("2 of 2 messages would be deleted"))
            #expect(plan.output.contains("amq.harrier.bin"))
            #expect(try await count() == 6)
            let deleted = try await CommandRun.run(
                ["dlq", "delete", "q", "--filter", "header.error = e0", "--apply"] + url)
            #expect(deleted.exitCode == 0 && deleted.output.contains("delete"), "\(deleted.errorOutput)")
            #expect(try await count() == 4)
            let bin = try await api.get("/api/dlq-bin/%2F/messages?body=text")
            #expect(bin.strings("payload", in: "items") == ["{\"n\":0}", "{\"n\":3}"])
            #expect(bin.string("items", 0, "properties", "headers", "x-deleted-from") == "q")
            let listed = try await CommandRun.run(["dlq", "bin", "--filter", "header.x-deleted-from = q"] + url)
            #expect(listed.exitCode == 0 && listed.lines.count == 3 && listed.output.contains("{\"n\":3}"))
            let restored = try await CommandRun.run(["dlq", "restore", "q", "--filter", "$.n = 3", "--apply"] + url)
            #expect(restored.exitCode == 0 && restored.output.contains("restore"), "\(restored.errorOutput)")
            #expect(try await count() == 5)
            let undone = try await CommandRun.run(["dlq", "undo", "1"] + url)
            // One of the two was restored before.
            #expect(undone.exitCode == 3 && undone.lines.count == 2, "\(undone.errorOutput)")
            #expect(undone.errorOutput.contains("1 of 2 messages brought back"))
            #expect(try await count() == 6)
            let history = try await CommandRun.run(["dlq", "history"] + url)
            let actions = history.lines.dropFirst().map { $0.split(separator: " ")[1] }
            #expect(actions == ["restore", "restore", "delete"])
            #expect(try await CommandRun.run(["dlq", "undo", "3"] + url).exitCode == 1)
            let refused = try await api.send(
                .POST, "/api/dlq/%2F/q/delete", user: "manager:m:secret", body: Array("{}".utf8))
            #expect(refused.status == 401)
            #expect(try await api.get("/api/dlq-bin/%2F/messages", user: "manager:m:secret").status == 401)
        }
    }

    /// Runs `harrier dlq import` on the file.
    private func importFile(_ path: String, _ queue: String, _ api: ManagementFixture) async throws -> CommandRun {
        try await CommandRun.run(["dlq", "import", queue, "--url", api.url], inputFile: path)
    }

    @Test("what is exported is imported without loss, and not twice")
    func export() async throws {
        try await ManagementFixture.with { api in
            let properties = BasicProperties(
                contentType: "a/b",
                headers: [
                    "i": .int8(1), "t": .timestamp(5), "secret": .string("x"), "d": .decimal(scale: 1, value: 2),
                    "n": .table(["x": .array([.void])]),
                ], deliveryMode: 2, priority: 3, messageID: "m")
            let bodies: [[UInt8]] = [Array("text ä".utf8), [0xff, 0], [UInt8](repeating: 7, count: 3 << 20), []]
            try await api.withChannel { channel in
                for queue in ["q", "copy"] { try await channel.declareQueue(queue) }
                for body in bodies { try await channel.publishConfirmed(body, routingKey: "q", properties: properties) }
            }
            let exported = try await CommandRun.run(["dlq", "export", "q", "--redact", "secret", "--url", api.url])
            #expect(exported.exitCode == 0 && exported.lines.count == 4)
            #expect(exported.errorOutput.contains("4 messages exported, 4 looked at; complete"))
            #expect(!exported.output.contains("secret"))
            let folder = try TemporaryDirectory()
            let file = try folder.write(exported.output, to: "export.ndjson")
            let first = try await importFile(file, "copy", api)
            #expect(
                first.exitCode == 0 && first.errorOutput.contains("4 messages imported, 0 known"),
                "\(first.errorOutput)")
            let again = try await importFile(file, "copy", api)
            #expect(again.exitCode == 0 && again.errorOutput.contains("0 messages imported, 4 known"))
            try await api.withChannel { channel in
                for body in bodies {
                    let delivery = try #require(try await channel.get(from: "copy"))
                    #expect(Array(delivery.body.readableBytesView) == body)
                    var found = delivery.properties
                    let identity = found.headers?["x-import-id"]?.stringValue
                    #expect(identity?.hasPrefix("q/") == true)
                    found.headers?["x-import-id"] = nil
                    var expected = properties
                    expected.headers?["secret"] = nil
                    #expect(found == expected && delivery.routingKey == "q")
                }
            }
        }
    }

    @Test("what was exported from a queue is known there as long as it is there")
    func importWhereItWas() async throws {
        try await ManagementFixture.with { api in
            try await FilteredRouteTests.fill(api, count: 3)
            let exported = try await CommandRun.run(["dlq", "export", "q", "--url", api.url])
            let folder = try TemporaryDirectory()
            let file = try folder.write(exported.output, to: "export.ndjson")
            try await api.withChannel { channel in
                try channel.acknowledge(try #require(try await channel.get(from: "q")))
                _ = try await channel.checkQueue("q")
            }
            let again = try await importFile(file, "q", api)
            #expect(again.exitCode == 0 && again.errorOutput.contains("1 messages imported, 2 known"))
        }
    }

    @Test("headers and fields of bodies are redacted, and how often is told")
    func redaction() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareQueue("q")
                var properties = BasicProperties.persistent
                properties.headers = FieldTable([
                    .init(name: "secret", value: .string("one")), .init(name: "secret", value: .string("two")),
                ])
                for body in [
                    #"{"a":{"card":1,"x":2.50},"l":[{"card":"z"},"card 5"]}"#, "plain card", #""{\"card\": 4}""#,
                ] {
                    try await channel.publishConfirmed(body.utf8, routingKey: "q", properties: properties)
                }
            }
            let redact = ["--redact", "$.a.card", "--redact", "$.l.card", "--redact", "secret"]
            let run = try await CommandRun.run(["dlq", "export", "q"] + redact + ["--url", api.url])
            #expect(run.errorOutput.contains("something was taken out of 3 of them"))
            #expect(
                run.lines[0].contains(
                    #"{\"a\":{\"card\":\"redacted\",\"x\":2.50},\"l\":[{\"card\":\"redacted\"},\"redacted\"]}"#))
            // Where nobody can tell the fields, there might be a card anywhere.
            #expect(run.errorOutput.contains("2 are without their bodies") && !run.lines[1].contains("plain card"))
            #expect(!run.output.contains("secret") && !run.lines[2].contains("card"))
            for line in run.lines {
                let encoded = try JSONValue(parsing: line.utf8).object?["properties_encoded"]?.string
                let bytes = try #require(encoded.flatMap { Data(base64Encoded: $0) })
                let properties = try bytes.withUnsafeBytes { try BasicProperties(decoding: $0) }
                #expect(properties.headers?["secret"] == nil)
            }
            let folder = try TemporaryDirectory()
            let imported = try await importFile(try folder.write(run.output, to: "redacted"), "q", api)
            #expect(imported.exitCode == 3 && imported.errorOutput.contains("2 passed over"), "\(imported.errorOutput)")
            let headersAlone = try await CommandRun.run(["dlq", "export", "q", "--redact", "nothing", "--url", api.url])
            #expect(headersAlone.lines[1].contains("plain card"))
            for path in ["$.l[0].card", "$..card", "$", "$.", "$.card."] {
                let run = try await CommandRun.run(["dlq", "export", "q", "--redact", path, "--url", api.url])
                #expect(run.exitCode == 2 && run.errorOutput.contains("expected names with dots"), "\(path)")
            }
        }
    }

    @Test("what can't be imported is refused with its line or its place, and a full queue's end is 3")
    func badImport() async throws {
        try await ManagementFixture.with { api in
            try await FilteredRouteTests.fill(api, count: 2)
            try await api.withChannel { channel in
                _ = try await channel.declareQueue(
                    "full", arguments: ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
            }
            let exported = try await CommandRun.run(["dlq", "export", "q", "--url", api.url])
            let folder = try TemporaryDirectory()
            let full = try await importFile(try folder.write(exported.output, to: "a"), "full", api)
            #expect(full.exitCode == 3 && full.errorOutput.contains("1 messages imported, 0 known already, 1 refused"))
            let broken = try await importFile(try folder.write("{}\n[]\n", to: "b"), "q", api)
            #expect(
                broken.exitCode == 1 && broken.errorOutput.contains("export_id: expected a text")
                    || broken.errorOutput.contains("properties_encoded: expected"))
            let noJSON = try await importFile(try folder.write("nonsense\n", to: "c"), "q", api)
            #expect(noJSON.exitCode == 1 && noJSON.errorOutput.contains("line 1 of the input is no message"))
        }
    }
}
