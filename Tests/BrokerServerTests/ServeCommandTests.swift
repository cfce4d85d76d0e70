import AMQPProtocol
import BrokerServer
import Foundation
import NIOCore
import NIOPosix
import TestServers
import Testing

/// The binary as an operator meets it.
@Suite(.timeLimit(.minutes(1))) struct ServeCommandTests {
    private static let freePorts = ["serve", "--amqp-port", "0", "--http-port", "0"]

    @Test func theReadyLineTellsThePorts() async throws {
        let directory = try TemporaryDirectory()
        let server = try SpawnedServer(Self.freePorts, in: directory)
        let line = try await server.nextLine()
        #expect(line.wholeMatch(of: /ready amqp=[0-9]+ http=[0-9]+ pid=[0-9]+/) != nil, "\(line)")
        #expect(line.hasSuffix(" pid=\(server.processID)"))
        server.signal(SIGTERM)
        #expect(await server.exitCode() == 0)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItCleanly(signal: Int32) async throws {
        let directory = try TemporaryDirectory()
        let server = try SpawnedServer(Self.freePorts, in: directory)
        let port = try #require(try await server.waitUntilReady()["amqp"])
        try await RawClient.with(port: port) { client in
            try await client.open()
            // A hang-up is nothing to a server; if it were, the broker would be gone before the other signal.
            server.signal(SIGHUP)
            try await client.send(ChannelOpen(), channel: 1)
            guard case .channelOpenOk = try await client.receiveMethod() else {
                Issue.record("no channel.open-ok")
                return
            }
            server.signal(signal)
            guard case .connectionClose(let close) = try await client.receiveMethod() else {
                Issue.record("no connection.close")
                return
            }
            #expect(close.replyCode == .connectionForced)
            try await client.send(ConnectionCloseOk())
            #expect(try await client.receiveToEnd().isEmpty)
        }
        #expect(await server.exitCode() == 0)
    }

    @Test func connectionsBeyondTheOpenFileLimitWaitForOthersToGo() async throws {
        let directory = try TemporaryDirectory()
        let server = try SpawnedServer(Self.freePorts, in: directory, openFilesMax: 64)
        let port = try #require(try await server.waitUntilReady()["amqp"])
        var idle: [any Channel] = []
        for _ in 0..<64 {
            let connected = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(
                host: "127.0.0.1", port: port)
            idle.append(try await connected.get())
        }
        try await server.waitForErrorLine(containing: "connections wait")
        try await RawClient.with(port: port) { [idle] client in
            try await client.send(Frame.protocolHeader)
            // The broker has closed those by itself that it got to know of too long ago: none of them logs in.
            for channel in idle { try? await channel.close() }
            guard case .connectionStart = try await client.receiveMethod() else {
                Issue.record("no connection.start")
                return
            }
        }
        server.signal(SIGTERM)
        #expect(await server.exitCode() == 0)
    }

    @Test func aSecondProcessOnTheSameDataIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let first = try SpawnedServer(Self.freePorts, in: directory)
        _ = try await first.waitUntilReady()
        let second = try SpawnedServer(Self.freePorts, in: directory)
        #expect(await second.exitCode() == 1)
        let text = await second.standardError()
        #expect(text.contains("the directory is in use by process \(first.processID)"), "\(text)")
        first.signal(SIGTERM)
        #expect(await first.exitCode() == 0)
    }

    @Test func definitionsWithMistakesAreRefusedWithTheirPlaces() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("queues:\n  - name: orders\n    durable: perhaps\n", to: "orders.yaml")
        let server = try SpawnedServer(Self.freePorts + ["--definitions", file], in: directory)
        #expect(await server.exitCode() == 1)
        let text = await server.standardError()
        #expect(text.contains("orders.yaml:3:14: queues[0].durable"), "\(text)")
    }

    @Test func theDefaultDefinitionsOfTheWorkingDirectoryAreUsed() async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path + "/Definitions",
            withIntermediateDirectories: false
        )
        _ = try directory.write("users: [{name: a, password: b, extra: 1}]", to: "Definitions/default.yaml")
        let server = try SpawnedServer(Self.freePorts, in: directory)
        #expect(await server.exitCode() == 1)
        let text = await server.standardError()
        #expect(text.contains("Definitions/default.yaml:1:"), "\(text)")
    }

    @Test func usageErrorsExitWith2() async throws {
        let directory = try TemporaryDirectory()
        for arguments in [
            ["serve", "--page-cache", "much"], ["serve", "--amqp-port", "70000"], ["serve", "--frame-max", "100"],
            ["serve", "--amqps-port", "0"], ["serve", "--tls-key", "key.pem"], ["nothing"],
        ] {
            let server = try SpawnedServer(arguments, in: directory)
            #expect(await server.exitCode() == 2, "\(arguments)")
            #expect(await server.standardError().contains("Usage: harrier"), "\(arguments)")
        }
    }

    @Test func theVersionIsPrinted() async throws {
        let directory = try TemporaryDirectory()
        let process = try SpawnedServer(["--version"], in: directory)
        #expect(try await process.nextLine() == ServerVersion.text)
        #expect(await process.exitCode() == 0)
    }
}
