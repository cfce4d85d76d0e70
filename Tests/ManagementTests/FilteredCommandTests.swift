import CommandRuns
import Foundation
import TestServers
import Testing

/// `harrier dlq browse|count|group`, as they are run.
@Suite(.timeLimit(.minutes(3))) struct FilteredCommandTests {
    @Test("messages are browsed, counted and grouped; scanned, matched and complete are always told")
    func commands() async throws {
        try await ManagementFixture.with { api in
            try await FilteredRouteTests.fill(api)
            let url = ["--url", api.url]
            let browsed = try await CommandRun.run(
                ["dlq", "browse", "q", "--filter", "header.error = e1", "--body", "hex"] + url)
            #expect(browsed.exitCode == 0 && browsed.lines.count == 4 && browsed.output.contains("7b226e223a317d"))
            #expect(browsed.errorOutput.contains("3 messages shown, 10 looked at; complete"))
            let counted = try await CommandRun.run(
                ["dlq", "count", "q", "--filter", "$.n < 4", "--output", "ndjson"] + url)
            #expect(counted.exitCode == 0 && counted.lines.first?.contains("\"matched\":4") == true)
            #expect(counted.errorOutput.contains("4 messages match, 10 looked at; complete"))
            let grouped = try await CommandRun.run(["dlq", "group", "q", "--by", "header.error", "--limit", "2"] + url)
            #expect(
                grouped.exitCode == 0 && grouped.lines.count == 4 && grouped.lines.last?.hasPrefix("(other)") == true)
            #expect(grouped.errorOutput.contains("3 groups of 10 messages, 10 looked at; complete"))
            let part = try await CommandRun.run(["queues", "group", "q", "--by", "header.error", "--scan", "5"] + url)
            #expect(part.errorOutput.contains("incomplete: go on with --cursor 5"))
            let wrong = try await CommandRun.run(["dlq", "count", "q", "--filter", "reason ="] + url)
            #expect(wrong.exitCode == 1 && wrong.errorOutput.contains("column 9: expected a value"))
        }
    }

    @Test("whole bodies are saved to files that are called as the messages are")
    func save() async throws {
        try await ManagementFixture.with { api in
            try await FilteredRouteTests.fill(api, count: 3)
            let folder = try TemporaryDirectory()
            let run = try await CommandRun.run(
                ["dlq", "browse", "q", "--filter", "id in (0, 2)", "--save", "\(folder.path)/bodies", "--url", api.url])
            #expect(run.exitCode == 0, "\(run.errorOutput)")
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/bodies").sorted()
            #expect(names == ["0", "2"])
            #expect(try String(contentsOfFile: "\(folder.path)/bodies/2", encoding: .utf8) == "{\"n\":2}")
        }
    }
}
