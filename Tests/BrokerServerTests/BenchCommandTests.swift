import AMQPProtocol
import Broker
import BrokerServer
import Foundation
import TestServers
import Testing

/// `harrier bench` as a person or a script meets it.
@Suite(.timeLimit(.minutes(1))) struct BenchCommandTests {
    private struct Latency: Decodable {
        let p50: Double
        let p999: Double
    }

    private struct Result: Decodable {
        let type: String?
        let brokerUrl: String?
        let published: Int
        let confirmed: Int
        let delivered: Int
        let missing: Int
        let orderErrors: Int
        let publishRate: Double
        let latencyUs: Latency?
        let confirmLatencyUs: Latency?
        let stopped: Bool
        let error: String?
    }

    private struct Comparison: Decodable {
        struct Median: Decodable {
            let a: Double?
            let b: Double?
            let ratio: Double?
        }

        struct Round: Decodable {
            let brokerLetter: String
            let round: Int
            let delivered: Int
        }

        let a: String
        let rounds: [Round]
        let medians: [String: Median]
    }

    private static let load = ["--count", "2000", "--confirms", "100", "--ack", "10", "--prefetch", "100"]

    /// Runs the command against a broker of this process.
    private static func bench(
        _ options: [String], against server: BrokerServer, _ body: (SpawnedServer) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let url = "amqp://guest:guest@127.0.0.1:\(server.amqpPort)"
        let command = try SpawnedServer(["bench", "--url", url, "--idle", "30"] + options, in: directory)
        try await body(command)
    }

    private static func decode<Value: Decodable>(_ line: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(line.utf8))
    }

    @Test func theCountsInJSONAgree() async throws {
        try await TestServer.with { server in
            try await Self.bench(Self.load + ["--output", "json"], against: server) { command in
                let result: Result = try Self.decode(try await command.nextLine())
                #expect(result.published == 2000)
                #expect(result.confirmed == 2000)
                #expect(result.delivered == 2000)
                #expect((result.missing, result.orderErrors) == (0, 0))
                #expect(result.publishRate > 0)
                #expect(result.latencyUs != nil && result.confirmLatencyUs != nil)
                #expect(!result.stopped && result.error == nil)
                #expect(result.brokerUrl == "amqp://127.0.0.1:\(server.amqpPort)")
                #expect(await command.exitCode() == 0)
                // Standard error is no terminal here, and there is nothing to warn about.
                #expect(await command.standardError().isEmpty)
            }
        }
    }

    @Test func theTableHasALineForEachNumber() async throws {
        try await TestServer.with { server in
            try await Self.bench(Self.load + ["--pid", "\(getpid())"], against: server) { command in
                var numbers: [String: String] = [:]
                while let line = try? await command.nextLine() {
                    let words = line.split(separator: " ").map(String.init)
                    #expect(words.count == 2, "\(line)")
                    numbers[words[0]] = words[1]
                }
                #expect(numbers["published"] == "2,000")
                #expect(numbers["delivered"] == "2,000")
                for name in [
                    "latency_us.p99_9", "confirm_latency_us.max", "broker.cpu_us_per_message", "broker.rss_mib",
                ] {
                    #expect(numbers[name] != nil, "\(name)")
                }
                #expect(await command.exitCode() == 0)
            }
        }
    }

    @Test func twoBrokersAreComparedInAlternation() async throws {
        try await TestServer.with { server in
            let url = "amqp://guest:guest@127.0.0.1:\(server.amqpPort)"
            let options = ["--count", "500", "--against", url, "--rounds", "2", "--output"]
            try await Self.bench(options + ["json"], against: server) { command in
                let comparison: Comparison = try Self.decode(try await command.nextLine())
                #expect(comparison.rounds.map { "\($0.brokerLetter)\($0.round)" } == ["A1", "B1", "A2", "B2"])
                #expect(comparison.rounds.allSatisfy { $0.delivered == 500 })
                #expect(comparison.medians["delivered"]?.ratio == 1)
                #expect(comparison.medians["seconds"]?.ratio != nil)
                #expect(await command.exitCode() == 0)
            }
            try await Self.bench(options + ["table"], against: server) { command in
                var lines: [String] = []
                while let line = try? await command.nextLine() { lines.append(line) }
                #expect(lines.prefix(4).map { String($0.prefix(3)) } == ["A 1", "B 1", "A 2", "B 2"])
                let delivered = lines.first { $0.hasPrefix("delivered") }?.split(separator: " ").map(String.init)
                #expect(delivered == ["delivered", "500", "500", "1.000"])
                #expect(await command.exitCode() == 0)
            }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItWithWhatWasMeasured(signal: Int32) async throws {
        try await TestServer.with { server in
            // Its first line is the progress of the first second: by then it runs.
            let options = ["--seconds", "600", "--rate", "1000", "--output", "ndjson"]
            try await Self.bench(options, against: server) { command in
                #expect(try await command.nextLine().hasPrefix(#"{"type":"progress","#))
                command.signal(signal)
                var last = ""
                while let line = try? await command.nextLine() { last = line }
                let result: Result = try Self.decode(last)
                #expect(result.type == "result")
                #expect(result.stopped)
                #expect(result.published > 0)
                #expect(result.delivered == result.published)
                #expect(await command.exitCode() == 0)
            }
            let left = try await server.withBroker { $0.virtualHosts["/"]?.queue(named: "harrier-bench-0") != nil }
            #expect(!left)
        }
    }

    @Test func aClosedPortIsAFailure() async throws {
        // A port that nobody listens on any more.
        let port = try await TestServer.with { $0.amqpPort }
        let directory = try TemporaryDirectory()
        let url = "amqp://guest:secret-word@127.0.0.1:\(port)"
        let command = try SpawnedServer(["bench", "--url", url], in: directory)
        #expect(await command.exitCode() == 1)
        let text = await command.standardError()
        #expect(text.contains("127.0.0.1:\(port)"))
        #expect(!text.contains("secret-word"))
    }

    @Test func whatTheBrokerSaysIsTold() async throws {
        try await TestServer.with { server in
            try await Self.bench(["--exchange", "nowhere"], against: server) { command in
                #expect(await command.exitCode() == 1)
                let text = await command.standardError()
                #expect(text.contains("404 NOT_FOUND - no exchange 'nowhere' in vhost '/'"), "\(text)")
            }
        }
    }

    @Test(arguments: [
        ["--produce-only", "--consume-only"], ["--rounds", "3"], ["--prefetch", "10"], ["--exchange-type", "fanout"],
        ["--url", "http://localhost"], ["--size", "x"], ["--ack", "3", "--ack-mode", "auto"], ["--pid", "0"],
    ])
    func contradictionsAreUsageErrors(options: [String]) async throws {
        let directory = try TemporaryDirectory()
        let command = try SpawnedServer(["bench"] + options, in: directory)
        #expect(await command.exitCode() == 2)
        #expect(await !command.standardError().isEmpty)
    }
}
