import AMQPProtocol
import Foundation
import TestServers
import Testing

/// What an operator finds in the log at the level that it has by default.
@Suite(.timeLimit(.minutes(1))) struct LogTests {
    private static let freePorts = ["serve", "--amqp-port", "0", "--http-port", "0"]

    @Test("the start, connections and the end are told, and no password is")
    func life() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            vhosts: [{name: shop}]
            users: [{name: guest, password: guest}, {name: keeper, password: hush-hush}]
            permissions: [{user: guest, vhost: shop, configure: '.*', write: '.*', read: '.*'}]
            queues: [{vhost: shop, name: a}, {vhost: shop, name: b, arguments: {x-delayed-retry-type: all}}]
            bindings: [{vhost: shop, source: amq.topic, destination: amq.gen-x}]
            policies:
              - {vhost: shop, name: p, pattern: a, definition: {max-length: 1, ha-mode: all}}
              - {vhost: shop, name: s, pattern: a, apply-to: streams, definition: {max-length: 1}}
            parameters:
              - {vhost: shop, component: shovel, name: s, value: {}}
              - vhost: shop
                component: operator_policy
                name: o
                value: {pattern: a, definition: {max-length: 2, dead-letter-exchange: x}}
            """, to: "topology.yaml")
        let server = try SpawnedServer(Self.freePorts + ["--definitions", file], in: directory)
        let port = try #require(try await server.waitUntilReady()["amqp"])
        try await RawClient.with(port: port) { client in
            try await client.open(virtualHost: "shop")
            try await client.send(ConnectionClose(replyCode: .replySuccess))
            guard case .connectionCloseOk = try await client.receiveMethod() else {
                Issue.record("no connection.close-ok")
                return
            }
        }
        server.signal(SIGTERM)
        #expect(await server.exitCode() == 0)
        let lines = await server.standardError().split(separator: "\n").map(String.init)
        func line(_ text: String) -> String { lines.first { $0.hasSuffix(text) } ?? "" }
        let loaded = line("definitions loaded")
        #expect(
            ["info", "queues=2", "users=2", "vhosts=1", "policies=3"].allSatisfy { loaded.contains($0) }, "\(loaded)")
        for (text, policy) in [
            ("policy: keys that have no effect: ha-mode", "p"),
            ("operator policy: keys that have no effect: dead-letter-exchange", "o"),
            ("policy: it is for streams, of which there are none here: it has no effect", "s"),
        ] {
            let said = line(text)
            #expect(["warning", "policy=\(policy)", "vhost=shop"].allSatisfy { said.contains($0) }, "\(text): \(said)")
        }
        let delayed = line("returned messages of the queue are not delayed: x-delayed-retry-min or -list is missing")
        #expect(delayed.contains("warning") && delayed.contains("queue=b"), "\(delayed)")
        #expect(line("parameters are kept, but have no effect yet").contains("parameters=1"))
        #expect(line("are not taken from definitions").contains("bindings=1"))
        for text in ["connection opened", "connection closed"] {
            let line = line(text)
            #expect(
                ["info", "user=guest", "vhost=shop", "127.0.0.1:\(port)"].allSatisfy { line.contains($0) }, "\(line)")
        }
        #expect(lines.filter { $0.contains("] connection ") }.count == 2)
        #expect(line("stopping").contains("info") && line("stopped").contains("info"))
        #expect(!lines.contains { $0.contains("hush") || $0.contains("password") })
    }
}
