import AMQPProtocol
import Broker
import BrokerServer
import Foundation
import HarrierClient
import Testing

@Suite struct ReadmeTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    @Test("the Swift samples in the README are the ones that are compiled here")
    func samplesAreTheSame() throws {
        let source = try String(contentsOf: Self.folder.appending(path: "ReadmeSamples.swift"), encoding: .utf8)
        let sample = try #require(source.components(separatedBy: "// README begin\n").last)
            .components(separatedBy: "// README end")[0]
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        #expect(readme.contains("```swift\n\(sample)```"))
    }

    @Test("the Swift samples run")
    func samplesRun() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: directory.path))
        configuration.amqpPort = 0
        let server = try await BrokerServer.start(configuration)
        let url = "amqp://guest:guest@localhost:\(server.amqpPort)/"
        do {
            try await publish(to: url)
            try await consume(from: url)
        } catch {
            try await server.shutdown()
            throw error
        }
        let left = try await server.withBroker { $0.virtualHosts["/"]?.queue(named: "hello")?.readyCount }
        #expect(left == 0)
        try await server.shutdown()
    }
}
