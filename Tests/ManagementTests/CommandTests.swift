import AMQPProtocol
import CommandRuns
import HarrierClient
import Testing

@testable import HarrierManagement
@testable import harrier

/// The commands that ask the management API, as they are run.
@Suite(.timeLimit(.minutes(3))) struct CommandTests {
    private func schedule(_ api: ManagementFixture, count: Int) async throws {
        try await api.withChannel { channel in
            try await channel.declareQueue("q")
            for number in 0..<count {
                try await channel.publishConfirmed(
                    "later \(number)".utf8, routingKey: "q",
                    properties: BasicProperties(headers: ["x-delay": .int64(3_600_000)], deliveryMode: 2),
                    mandatory: false)
            }
        }
    }

    @Test("scheduled messages are listed and cancelled; ids that are not there make the end 3, or 1 if none was")
    func scheduled() async throws {
        try await ManagementFixture.with { api in
            try await schedule(api, count: 4)
            let list = try await CommandRun.run(["scheduled", "list", "--url", api.url, "--output", "ndjson"])
            #expect(list.exitCode == 0 && list.lines.count == 4 && list.errorOutput.isEmpty)
            #expect(list.lines.first?.contains("\"id\":\"0\"") == true)
            let part = try await CommandRun.run(["scheduled", "list", "--url", api.url, "--limit", "3"])
            #expect(part.lines.count == 4 && part.lines.first?.hasPrefix("ID  DELIVER AT") == true)
            #expect(part.errorOutput.contains("--cursor 3"))
            let some = try await CommandRun.run(["scheduled", "cancel", "1", "77", "2", "--url", api.url])
            #expect(some.exitCode == 3 && some.lines == ["cancelled 1", "cancelled 2"])
            #expect(some.errorOutput.contains("77: "))
            #expect(try await CommandRun.run(["scheduled", "cancel", "1", "--url", api.url]).exitCode == 1)
            #expect(try await CommandRun.run(["scheduled", "cancel", "0", "3", "--url", api.url]).exitCode == 0)
            let none = try await CommandRun.run(["scheduled", "list", "--url", api.url, "--output", "json"])
            #expect(none.exitCode == 0 && none.lines == ["[]"])
        }
    }

    @Test("queues are listed and browsed; what a body says does not reach the terminal raw")
    func queues() async throws {
        try await ManagementFixture.with { api in
            try await api.withChannel { channel in
                try await channel.declareQueue("orders")
                try await channel.publishConfirmed("\u{1b}[2Jboo\n".utf8, routingKey: "orders", properties: .persistent)
            }
            let list = try await CommandRun.run(["queues", "list", "--url", api.url])
            #expect(list.exitCode == 0 && list.lines.count == 2)
            #expect(
                list.lines.last?.split(separator: " ").map(String.init) == [
                    "orders", "classic", "1", "0", "0", "0", "0",
                ])
            let browsed = try await CommandRun.run(["queues", "browse", "orders", "--url", api.url])
            #expect(browsed.exitCode == 0 && browsed.output.contains("\\u{1b}[2Jboo\\n"))
            #expect(!browsed.output.contains("\u{1b}"))
            let json = try await CommandRun.run(["queues", "browse", "orders", "--url", api.url, "--output", "ndjson"])
            #expect(json.lines.count == 1 && !json.output.contains("\u{1b}"))
            let dlq = try await CommandRun.run(["dlq", "list", "--url", api.url])
            #expect(dlq.exitCode == 0 && dlq.lines.count == 1)
        }
    }

    @Test("errors say what is wrong, with the exit codes of all commands, and never the password")
    func errors() async throws {
        let port = try await ManagementFixture.with { api in
            let wrong = api.url.replacing("guest:guest", with: "guest:pa55word")
            let refused = try await CommandRun.run(["queues", "list", "--url", wrong])
            #expect(refused.exitCode == 1 && refused.errorOutput.contains("401"))
            #expect(!refused.errorOutput.contains("pa55word"))
            let missing = try await CommandRun.run(["queues", "browse", "none", "--url", api.url])
            #expect(missing.exitCode == 1 && missing.errorOutput.contains("no queue 'none' in vhost '/'"))
            let elsewhere = try await CommandRun.run(["queues", "list", "--url", api.url, "--vhost", "a/b"])
            #expect(elsewhere.exitCode == 0 && elsewhere.lines.count == 1)
            return api.port
        }
        let gone = try await CommandRun.run(["queues", "list", "--url", "http://guest:pa55word@127.0.0.1:\(port)"])
        #expect(gone.exitCode == 1 && gone.errorOutput.contains("cannot reach http://127.0.0.1:\(port)"))
        #expect(!gone.errorOutput.contains("pa55word"))
        for arguments in [
            ["queues", "browse"], ["queues", "browse", "q", "--limit", "0"], ["queues", "list", "--url", "ftp://x"],
            ["queues", "browse", "q", "--state", "red"], ["scheduled", "cancel"], ["dlq", "list", "--output", "xml"],
        ] {
            #expect(try await CommandRun.run(arguments).exitCode == 2, "\(arguments)")
        }
    }

    @Test("the environment says where the broker is, unless an option does, and help does not show it")
    func environment() async throws {
        try await ManagementFixture.with { api in
            func list(_ address: String, _ arguments: [String] = []) async throws -> CommandRun {
                try await CommandRun.run(
                    "/usr/bin/env",
                    ["HARRIER_MANAGEMENT_URL=\(address)", ChildProcess.builtProgram("harrier"), "queues", "list"]
                        + arguments)
            }
            #expect(try await list(api.url).exitCode == 0)
            #expect(try await list("http://guest:pa55@127.0.0.1:1", ["--url", api.url]).exitCode == 0)
            let help = try await list("http://guest:pa55@127.0.0.1:1", ["--help"])
            #expect(help.exitCode == 0 && !help.output.contains("pa55"))
        }
    }

    @Test("names are encoded for paths, and users taken out of addresses")
    func endpoints() throws {
        let endpoint = try #require(ManagementEndpoint(url: "http://us%20er:p%40ss@host:1/"))
        #expect(endpoint.base == "http://host:1")
        #expect(endpoint.authorization == "Basic dXMgZXI6cEBzcw==")
        #expect(
            endpoint.url(["queues", "/", "ä+ "], [("q", "a&b")]) == "http://host:1/api/queues/%2F/%C3%A4%2B%20?q=a%26b")
        for url in ["", "host", "amqp://host", "http://", "http:/x"] { #expect(ManagementEndpoint(url: url) == nil) }
    }

    @Test(
        "control characters are escaped",
        arguments: [
            ("plain ä", "plain ä"), ("a\tb\r\n", "a\\tb\\r\\n"), ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}x", "\\u{202e}x"),
            ("\\", "\\\\"), ("\0\u{7f}", "\\u{0}\\u{7f}"),
        ])
    func escapes(text: String, escaped: String) {
        #expect(TerminalText.escaped(text) == escaped)
    }

    @Test("in JSON they are JSON's own escapes")
    func escapesInJSON() {
        let object: JSONObject = ["a": "\u{1b}\u{9b}\u{202e}ä/"]
        #expect(object.line == "{\"a\":\"\\u001b\\u009b\\u202eä/\"}")
    }
}
