import AMQPProtocol
import BrokerServer
import Definitions
import Testing

extension Conformance {
    /// Permissions' regular expressions meet names that clients choose.
    @Suite(.ownServer) struct PermissionPatterns {
        private static let definitions = #"""
            vhosts: [{name: /}]
            users:
              - {name: guest, password: guest, tags: [administrator]}
              - {name: words, password: words, tags: []}
            permissions:
              - {user: guest, vhost: /, configure: ".*", write: ".*", read: ".*"}
              - {user: words, vhost: /, configure: '^([a-z]+\.?)+$', write: '^(a|aa)+$', read: "^(?!secret)"}
            """#

        @Test("a name that a pattern nearly fits is answered at once, and nobody else waits")
        func nearlyFits() async throws {
            try await withServer { client, bystander in
                let channel = try await client.openChannel()
                let name = String(repeating: "a", count: 254) + "1"
                try await channel.expectRefusal(QueueDeclare(queue: name), .accessRefused, refused(name))
                try await channel.call(QueueDeclare(queue: "orders.new"), QueueDeclareOk.self)
                try await channel.expectRefusal(
                    QueueBind(queue: name, exchange: "amq.topic"), .accessRefused, refused(name))
                try await bystander.expectAlive()
            }
        }

        @Test("lookahead")
        func lookahead() async throws {
            try await withServer { client, _ in
                let channel = try await client.openChannel()
                try await channel.expectRefusal(
                    BasicGet(queue: "secret.plans"), .accessRefused, refused("secret.plans"))
                try await channel.expectRefusal(
                    BasicGet(queue: "plans"), .notFound, "NOT_FOUND - no queue 'plans' in vhost '/'")
            }
        }

        private func refused(_ queue: String) -> ExpectedText {
            // A reply text has at most 255 bytes.
            .starting("ACCESS_REFUSED - access to queue '\(queue)' in vhost '/' refused".prefix(200).description)
        }

        /// A connection of the limited user, and one of somebody else.
        private func withServer(_ body: (WireClient, WireClient) async throws -> Void) async throws {
            try await BrokerUnderTest.withServer {
                $0.definitions = try DefinitionLoader.parse(text: Self.definitions, file: "definitions.yaml")
            } _: { broker in
                let bystander = try await WireClient.open(broker)
                var limited = broker
                (limited.user, limited.password) = ("words", "words")
                try await body(try await WireClient.open(limited), bystander)
            }
        }
    }
}
