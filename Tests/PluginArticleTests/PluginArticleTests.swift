import AMQPProtocol
import Broker
import BrokerServer
import Foundation
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct PluginArticleTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let root = folder.deletingLastPathComponent().deletingLastPathComponent()

    @Test("the code in the article about plugins is the one that is compiled here, and the article is short")
    func codeIsTheSame() throws {
        let code = try String(contentsOf: Self.folder.appending(path: "RoundRobinExchange.swift"), encoding: .utf8)
        let article = try String(
            contentsOf: Self.root.appending(path: "Sources/BrokerServer/BrokerServer.docc/WritingAPlugin.md"),
            encoding: .utf8)
        #expect(article.contains("```swift\n\(code)```\n"))
        #expect(article.components(separatedBy: "\n").count <= 60)
    }

    @Test("the article's exchange type works")
    func codeRuns() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "harrier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = ServerConfiguration(broker: BrokerConfiguration(dataDirectory: directory.path))
        configuration.amqpPort = 0
        let server = try await BrokerServer.start(
            configuration, plugins: [RoundRobinExchangePlugin()],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        do {
            let counts = try await server.withBroker { core in
                let host = try #require(core.virtualHosts["/"])
                try host.declareExchange("x", ExchangeProperties(type: "x-round-robin", isDurable: false))
                for name in ["a", "b", "c"] {
                    let queue = try host.declareQueue(name, QueueProperties(isDurable: false), by: nil)
                    try host.bind(
                        try host.existingExchange("x"), to: .queue(queue), routingKey: name, arguments: [:])
                }
                let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
                for _ in 0..<9 {
                    let publication = Publication(
                        exchange: nothing, routingKey: nothing, properties: PropertiesView(),
                        propertyBytes: nothing, body: nothing, expirationMilliseconds: nil)
                    _ = try host.publish(publication, to: try host.existingExchange("x"))
                }
                return host.allQueues.map(\.readyCount)
            }
            #expect(counts == [3, 3, 3])
        } catch {
            try await server.shutdown()
            throw error
        }
        try await server.shutdown()
    }
}
