import AMQPProtocol
import Broker
import Definitions
import SegmentLog
import ServiceLifecycle
import TestServers
import Testing

@testable import BrokerServer

@Suite(.timeLimit(.minutes(1))) struct ServerLifeTests {
    @Test func aServerStartsOnFreePortsAndStops() async throws {
        let server = try await TestServer.with { server in
            #expect(server.status == .running)
            #expect(server.amqpPort > 0)
            #expect(server.listeners == [Listener(name: "amqp", host: "127.0.0.1", port: server.amqpPort)])
            let virtualHosts = try await server.withBroker { $0.virtualHosts.keys.sorted() }
            #expect(virtualHosts == ["/"])
            return server
        }
        #expect(server.status == .stopped)
        try await server.shutdown()
        await #expect(throws: ServerNotRunning.self) { try await server.withBroker { _ in } }
    }

    @Test func theDataDirectoryIsFreeAgainAfterAShutdown() async throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<3 {
            let server = try await BrokerServer.start(
                TestServer.configuration(in: directory),
                logger: TestServer.silent
            )
            try await server.shutdown()
        }
    }

    @Test func aDataDirectoryInUseIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let configuration = TestServer.configuration(in: directory)
        let server = try await BrokerServer.start(configuration, logger: TestServer.silent)
        guard case StorageError.locked? = try await TestServer.startError(configuration) else {
            Issue.record("not refused because of the lock")
            return
        }
        try await server.shutdown()
    }

    @Test func aPortInUseIsRefusedAndNothingIsLeftBehind() async throws {
        try await TestServer.with { server in
            let directory = try TemporaryDirectory()
            var configuration = TestServer.configuration(in: directory)
            configuration.amqpPort = server.amqpPort
            let error = try await TestServer.startError(configuration)
            #expect(
                (error as? ListenError)?.description
                    == "cannot listen on 127.0.0.1:\(server.amqpPort) for amqp: the port is in use by another process"
            )
            configuration.amqpPort = 0
            #expect(try await TestServer.startError(configuration) == nil)
        }
    }

    @Test func definitionsAreAppliedBeforeClientsAreAccepted() async throws {
        let definitions = try DefinitionLoader.parse(
            text: "vhosts: [{name: shop}]\nqueues: [{name: orders, vhost: shop, durable: true}]",
            file: "test.yaml"
        )
        try await TestServer.with(configure: { configuration, _ in configuration.definitions = definitions }) {
            server in
            let isThere = try await server.withBroker { $0.virtualHosts["shop"]?.queue(named: "orders") != nil }
            #expect(isThere)
        }
    }

    @Test func definitionsThatCannotBeCarriedOutStopTheStart() async throws {
        let directory = try TemporaryDirectory()
        var configuration = TestServer.configuration(in: directory)
        configuration.definitions = try DefinitionLoader.parse(
            text: "queues: [{name: orders, vhost: nowhere, durable: true}]",
            file: "test.yaml"
        )
        #expect(try await TestServer.startError(configuration) is DefinitionErrors)
        configuration.definitions = nil
        #expect(try await TestServer.startError(configuration) == nil)
    }

    // MARK: Plugins

    private struct Failure: Error {}

    /// A plugin whose service does what the test says.
    private struct TestPlugin: ServerPlugin {
        var name: String { "test" }
        var listenerNames: [String] { ["test"] }
        let body: @Sendable (PluginContext) async throws -> Void

        private struct BodyService: Service {
            let context: PluginContext
            let body: @Sendable (PluginContext) async throws -> Void
            func run() async throws { try await body(context) }
        }

        func makeServices(_ context: PluginContext) -> [any Service] { [BodyService(context: context, body: body)] }
    }

    @Test func theServerIsReadyWhenItsPluginsListen() async throws {
        let plugin = TestPlugin { context in
            context.listening(Listener(name: "test", host: "127.0.0.1", port: 1))
            try await gracefulShutdown()
            // By now the clients are gone and the data directory is closed.
            #expect(context.server.status == .stopped)
        }
        try await TestServer.with(plugins: [plugin]) { server in
            #expect(server.port(of: "test") == 1)
        }
    }

    @Test func aPluginThatFailsBeforeItListensStopsTheStart() async throws {
        let directory = try TemporaryDirectory()
        let configuration = TestServer.configuration(in: directory)
        let plugin = TestPlugin { _ in throw Failure() }
        #expect(try await TestServer.startError(configuration, plugins: [plugin]) is Failure)
        #expect(try await TestServer.startError(configuration) == nil)
    }

    @Test func aPluginThatFailsLaterIsReported() async throws {
        let (mayFail, allowFailure) = AsyncStream.makeStream(of: Void.self)
        let plugin = TestPlugin { context in
            context.listening(Listener(name: "test", host: "127.0.0.1", port: 1))
            for await _ in mayFail {}
            throw Failure()
        }
        try await TestServer.with(plugins: [plugin]) { server in
            allowFailure.finish()
            #expect(await server.pluginFailure() is Failure)
            #expect(server.status == .running)
        }
    }

    @Test func aServiceEndsWithThePluginThatFails() async throws {
        let directory = try TemporaryDirectory()
        let plugin = TestPlugin { context in
            context.listening(Listener(name: "test", host: "127.0.0.1", port: 1))
            throw Failure()
        }
        let configuration = TestServer.configuration(in: directory)
        let service = BrokerService(configuration, plugins: [plugin], logger: TestServer.silent)
        await #expect(throws: Failure.self) { try await service.run() }
        #expect(try await TestServer.startError(configuration) == nil)
    }
}
