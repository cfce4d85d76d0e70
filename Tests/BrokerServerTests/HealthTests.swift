import BrokerServer
import Management
import ServiceLifecycle
import TestServers
import Testing

/// `GET /health`, over a socket as a probe asks it.
@Suite(.timeLimit(.minutes(1))) struct HealthTests {
    private static func get(_ path: String, port: Int) async throws -> String {
        try await RawClient.with(port: port) { client in
            try await client.send(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            return String(decoding: try await client.receiveToEnd(), as: UTF8.self)
        }
    }

    @Test func aRunningServerIsWell() async throws {
        try await TestServer.with(plugins: [ManagementPlugin(host: "127.0.0.1", port: 0)]) { server in
            let answer = try await Self.get("/health", port: server.port(of: "http"))
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.lowercased().contains("content-type: application/json"))
            #expect(answer.contains(#""status":"ok""#))
            #expect(answer.contains(#""version":"\#(ServerVersion.text)""#))
            #expect(answer.contains(#""uptime_seconds":"#))
            #expect(answer.contains(#""port":\#(server.amqpPort)"#))
            #expect(try await Self.get("/nothing", port: server.port(of: "http")).hasPrefix("HTTP/1.1 404 "))
        }
    }

    /// Runs until the test lets it go, so that the plugins of the server are up while the server is not running.
    private struct HoldingPlugin: ServerPlugin {
        var name: String { "holding" }
        let hold: @Sendable (PluginContext) async throws -> Void

        private struct HoldingService: Service {
            let context: PluginContext
            let hold: @Sendable (PluginContext) async throws -> Void
            func run() async throws {
                try await gracefulShutdown()
                try await hold(context)
            }
        }

        func makeServices(_ context: PluginContext) -> [any Service] { [HoldingService(context: context, hold: hold)] }
    }

    @Test func aStoppedServerIsNotWell() async throws {
        // Services are shut down in the reverse order, so that the holding one asks while HTTP is still served.
        let holding = HoldingPlugin { context in
            let answer = try await Self.get("/health", port: context.server.port(of: "http"))
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.contains(#""status":"stopped""#))
        }
        try await TestServer.with(plugins: [ManagementPlugin(host: "127.0.0.1", port: 0), holding]) { _ in }
    }

    @Test func aPortInUseStopsTheStart() async throws {
        try await TestServer.with { server in
            let directory = try TemporaryDirectory()
            let configuration = TestServer.configuration(in: directory)
            let plugin = ManagementPlugin(host: "127.0.0.1", port: server.amqpPort)
            let error = try await TestServer.startError(configuration, plugins: [plugin])
            #expect((error as? ListenError)?.listener.name == "http")
        }
    }
}
