import AMQPProtocol
import BrokerServer
import Definitions
import Testing

extension Conformance {
    /// What a user may do: `configure`, `write` and `read` on names, in a virtual host.
    @Suite(.ownServer) struct Permissions {
        /// The user may configure what is named c-…, write to w-…, and read from r-…; on cwr-… everything.
        private static let definitions = """
            vhosts:
              - name: /
              - name: closed
            users:
              - {name: admin, password: admin, tags: [administrator]}
              - {name: limited, password: limited, tags: []}
              - {name: impersonator, password: impersonator, tags: [impersonator]}
              - {name: generated, password: generated, tags: []}
            permissions:
              - {user: admin, vhost: /, configure: ".*", write: ".*", read: ".*"}
              - {user: impersonator, vhost: /, configure: ".*", write: ".*", read: ".*"}
              - {user: generated, vhost: /, configure: "^amq\\\\.gen-", write: ".*", read: "^$"}
              - {user: limited, vhost: /, configure: "^(c-|cwr-)", write: "^(w-|cwr-)", read: "^(r-|cwr-)"}
            topic_permissions:
              - {user: limited, vhost: /, exchange: cwr-topic, write: "^write\\\\.", read: "^read\\\\."}
            queues:
              - {name: c-q, vhost: /, durable: true, auto_delete: false, arguments: {}}
              - {name: w-q, vhost: /, durable: true, auto_delete: false, arguments: {}}
              - {name: r-q, vhost: /, durable: true, auto_delete: false, arguments: {}}
              - {name: cwr-q, vhost: /, durable: true, auto_delete: false, arguments: {}}
              - {name: c-dlx, vhost: /, durable: true, auto_delete: false, arguments: {x-dead-letter-exchange: r-x}}
              - {name: cwr-dlx, vhost: /, durable: true, auto_delete: false, arguments: {x-dead-letter-exchange: r-x}}
            exchanges:
              - {name: c-x, vhost: /, type: fanout, durable: true, auto_delete: false, internal: false, arguments: {}}
              - {name: w-x, vhost: /, type: fanout, durable: true, auto_delete: false, internal: false, arguments: {}}
              - {name: r-x, vhost: /, type: fanout, durable: true, auto_delete: false, internal: false, arguments: {}}
              - {name: cwr-x, vhost: /, type: fanout, durable: true, auto_delete: false, internal: false, arguments: {}}
              - {name: cwr-topic, vhost: /, type: topic, durable: true, auto_delete: false, internal: false, arguments: {}}
            bindings:
              - {source: cwr-x, vhost: /, destination: cwr-dlx, destination_type: queue, routing_key: "", arguments: {}}
              - {source: r-x, vhost: /, destination: r-q, destination_type: queue, routing_key: "", arguments: {}}
            """

        @Test("configure on the queue: declare and delete")
        func configureQueue() async throws {
            try await withLimitedUser { channel in
                try await channel.call(QueueDeclare(queue: "c-new"), QueueDeclareOk.self)
                try await channel.call(QueueDelete(queue: "c-new"), QueueDeleteOk.self)
                for name in ["w-q", "r-q"] {
                    try await channel.expectRefusal(
                        QueueDeclare(queue: name, durable: true), .accessRefused, refused("queue", name))
                    try await channel.expectRefusal(QueueDelete(queue: name), .accessRefused, refused("queue", name))
                }
                try await channel.expectRefusal(
                    QueueDelete(queue: "missing"), .accessRefused, refused("queue", "missing"))
            }
        }

        @Test("configure on the exchange: declare and delete")
        func configureExchange() async throws {
            try await withLimitedUser { channel in
                try await channel.call(ExchangeDeclare(exchange: "c-new", type: "direct"), ExchangeDeclareOk.self)
                try await channel.call(ExchangeDelete(exchange: "c-new"), ExchangeDeleteOk.self)
                for name in ["w-x", "r-x"] {
                    try await channel.expectRefusal(
                        ExchangeDeclare(exchange: name, type: "fanout", durable: true), .accessRefused,
                        refused("exchange", name))
                    try await channel.expectRefusal(
                        ExchangeDelete(exchange: name), .accessRefused, refused("exchange", name))
                }
            }
        }

        @Test("passive declare needs none")
        func passiveDeclare() async throws {
            try await withLimitedUser { channel in
                for name in ["c", "w", "r"] {
                    try await channel.call(QueueDeclare(queue: "\(name)-q", passive: true), QueueDeclareOk.self)
                    try await channel.call(
                        ExchangeDeclare(exchange: "\(name)-x", type: "", passive: true), ExchangeDeclareOk.self)
                }
            }
        }

        @Test("read on the queue: get, consume and purge")
        func readQueue() async throws {
            try await withLimitedUser { channel in
                #expect(try await channel.get("r-q") == nil)
                try await channel.consume("r-q")
                try await channel.call(QueuePurge(queue: "r-q"), QueuePurgeOk.self)
                for name in ["c-q", "w-q"] {
                    try await channel.expectRefusal(BasicGet(queue: name), .accessRefused, refused("queue", name))
                    try await channel.expectRefusal(BasicConsume(queue: name), .accessRefused, refused("queue", name))
                    try await channel.expectRefusal(QueuePurge(queue: name), .accessRefused, refused("queue", name))
                }
            }
        }

        @Test("write on the exchange: publish")
        func writeExchange() async throws {
            try await withLimitedUser { channel in
                for _ in 0..<2 { try await channel.publish("?", to: "w-x", key: "") }
                for name in ["c-x", "r-x"] {
                    try await channel.publish("?", to: name, key: "")
                    try await channel.expectClose(.accessRefused, refused("exchange", name), cause: .basicPublish)
                }
                try await channel.publish("?", key: "cwr-q")
                try await channel.expectClose(
                    .accessRefused, refused("exchange", "amq.default"), cause: .basicPublish)
            }
        }

        @Test("queue.bind and unbind: write on the queue, read on the exchange")
        func bindQueue() async throws {
            try await withLimitedUser { channel in
                try await channel.bind("w-q", to: "r-x")
                try await channel.call(QueueUnbind(queue: "w-q", exchange: "r-x"), QueueUnbindOk.self)
                try await channel.expectRefusal(
                    QueueBind(queue: "r-q", exchange: "r-x"), .accessRefused, refused("queue", "r-q"))
                try await channel.expectRefusal(
                    QueueBind(queue: "w-q", exchange: "w-x"), .accessRefused, refused("exchange", "w-x"))
                try await channel.expectRefusal(
                    QueueUnbind(queue: "r-q", exchange: "r-x"), .accessRefused, refused("queue", "r-q"))
                try await channel.expectRefusal(
                    QueueUnbind(queue: "w-q", exchange: "w-x"), .accessRefused, refused("exchange", "w-x"))
            }
        }

        @Test("exchange.bind and unbind: write on the destination, read on the source")
        func bindExchange() async throws {
            try await withLimitedUser { channel in
                let (write, read) = ("w-x", "r-x")
                try await channel.call(ExchangeBind(destination: write, source: read), ExchangeBindOk.self)
                try await channel.call(ExchangeUnbind(destination: write, source: read), ExchangeUnbindOk.self)
                try await channel.expectRefusal(
                    ExchangeBind(destination: read, source: read), .accessRefused, refused("exchange", read))
                try await channel.expectRefusal(
                    ExchangeBind(destination: write, source: write), .accessRefused, refused("exchange", write))
                try await channel.expectRefusal(
                    ExchangeUnbind(destination: read, source: read), .accessRefused, refused("exchange", read))
            }
        }

        @Test("a dead-letter exchange: read on the queue, write on the exchange")
        func deadLetterExchange() async throws {
            try await withLimitedUser { channel in
                let toReadable: FieldTable = ["x-dead-letter-exchange": .string("r-x")]
                let toWritable: FieldTable = ["x-dead-letter-exchange": .string("w-x")]
                try await channel.expectRefusal(
                    QueueDeclare(queue: "c-dead", arguments: toWritable), .accessRefused, refused("queue", "c-dead"))
                try await channel.expectRefusal(
                    QueueDeclare(queue: "cwr-dead", arguments: toReadable), .accessRefused, refused("exchange", "r-x"))
                try await channel.call(QueueDeclare(queue: "cwr-dead", arguments: toWritable), QueueDeclareOk.self)
            }
        }

        @Test("a dead-letter exchange is checked when its queue is new, neither on redeclare nor when a message dies")
        func deadLetterExchangeLater() async throws {
            try await withLimitedUser { channel in
                let arguments: FieldTable = ["x-dead-letter-exchange": .string("r-x")]
                for name in ["c-dlx", "cwr-dlx"] {
                    try await channel.call(
                        QueueDeclare(queue: name, durable: true, arguments: arguments), QueueDeclareOk.self)
                }
                try await channel.publish("m", to: "cwr-x", key: "")
                let message = try await channel.getMessage("cwr-dlx", noAck: false)
                try await channel.send(BasicReject(deliveryTag: message.method.deliveryTag, requeue: false))
                try await channel.consume("r-q")
                #expect(try await channel.nextDelivery().text == "m")
            }
        }

        @Test("a queue that the broker names needs permissions as any other")
        func serverNamedQueue() async throws {
            try await withLimitedUser { channel in
                try await channel.expectRefusal(
                    QueueDeclare(queue: ""), .accessRefused,
                    .starting("ACCESS_REFUSED - access to queue 'amq.gen-"))
                try await channel.expectRefusal(
                    QueueDeclare(queue: "", exclusive: true, arguments: ["x-dead-letter-exchange": .string("w-x")]),
                    .accessRefused, .starting("ACCESS_REFUSED - access to queue 'amq.gen-"))
            }
            try await withServer(as: "generated") { channel in
                // It may declare them, but not read from them, which a dead-letter exchange needs.
                let name = try await channel.declareQueue("")
                #expect(name.hasPrefix("amq.gen-"))
                try await channel.expectRefusal(
                    QueueDeclare(queue: "", arguments: ["x-dead-letter-exchange": .string("w-x")]), .accessRefused,
                    .starting("ACCESS_REFUSED - access to queue 'amq.gen-"))
            }
        }

        @Test("a missing exchange is 403 to who may not write to it, 404 to who may")
        func missingExchange() async throws {
            try await withLimitedUser { channel in
                try await channel.publish("?", to: "r-missing", key: "")
                try await channel.expectClose(.accessRefused, refused("exchange", "r-missing"), cause: .basicPublish)
                try await channel.publish("?", to: "w-missing", key: "")
                try await channel.expectClose(
                    .notFound, "NOT_FOUND - no exchange 'w-missing' in vhost '/'", cause: .basicPublish)
            }
        }

        @Test("a reserved queue name is refused as such, with or without permission")
        func reservedName() async throws {
            try await withLimitedUser { channel in
                try await channel.expectRefusal(
                    QueueDeclare(queue: "amq.x"), .accessRefused,
                    "ACCESS_REFUSED - queue name 'amq.x' contains reserved prefix 'amq.*'")
            }
        }

        @Test("an unknown exchange type is 503, with or without permission")
        func unknownExchangeType() async throws {
            try await withLimitedUser { channel in
                try await channel.send(ExchangeDeclare(exchange: "r-x", type: "zz"))
                try await channel.client.expectClose(
                    .commandInvalid, "COMMAND_INVALID - unknown exchange type 'zz'", cause: .exchangeDeclare)
            }
        }

        @Test("an alternate exchange: read on the exchange, write on the alternate")
        func alternateExchange() async throws {
            try await withLimitedUser { channel in
                let toReadable: FieldTable = ["alternate-exchange": .string("r-x")]
                let toWritable: FieldTable = ["alternate-exchange": .string("w-x")]
                try await channel.expectRefusal(
                    ExchangeDeclare(exchange: "c-alt", type: "direct", arguments: toWritable), .accessRefused,
                    refused("exchange", "c-alt"))
                try await channel.expectRefusal(
                    ExchangeDeclare(exchange: "cwr-alt", type: "direct", arguments: toReadable), .accessRefused,
                    refused("exchange", "r-x"))
                try await channel.call(
                    ExchangeDeclare(exchange: "cwr-alt", type: "direct", arguments: toWritable), ExchangeDeclareOk.self)
            }
        }

        @Test("topic permissions limit routing keys of publishes and bindings")
        func topics() async throws {
            try await withLimitedUser { channel in
                let topic = "cwr-topic"
                try await channel.publish("?", to: topic, key: "write.a")
                try await channel.bind("cwr-q", to: topic, "read.#")
                try await channel.publish("?", to: topic, key: "read.a")
                try await channel.expectClose(.accessRefused, refusedTopic("read.a"), cause: .basicPublish)
                try await channel.expectRefusal(
                    QueueBind(queue: "cwr-q", exchange: topic, routingKey: "write.#"), .accessRefused,
                    refusedTopic("write.#"))
            }
        }

        @Test("no permission on the vhost is 530")
        func virtualHost() async throws {
            try await withLimitedUser { channel in
                let client = try await WireClient.connect(channel.client.broker)
                try await client.logIn()
                try await client.tune()
                try await client.send(ConnectionOpen(virtualHost: "closed"))
                try await client.expectClose(
                    .notAllowed, "NOT_ALLOWED - access to vhost 'closed' refused for user 'limited'",
                    cause: .connectionOpen)
            }
        }

        @Test("the tag impersonator may publish with any user_id")
        func impersonator() async throws {
            try await withServer(as: "impersonator") { channel in
                let queue = try await channel.declareQueue()
                try await channel.publish("?", key: queue, BasicProperties(userID: "somebody"))
                #expect(try await channel.getMessage(queue).properties.userID == "somebody")
            }
        }

        private func refused(_ kind: String, _ name: String) -> ExpectedText {
            "ACCESS_REFUSED - access to \(kind) '\(name)' in vhost '/' refused for user 'limited'"
        }

        private func refusedTopic(_ key: String) -> ExpectedText {
            """
            ACCESS_REFUSED - access to topic '\(key)' in exchange 'cwr-topic' in vhost '/' refused for user 'limited'
            """
        }

        private func withLimitedUser(_ body: (WireChannel) async throws -> Void) async throws {
            try await withServer(as: "limited", body)
        }

        private func withServer(as user: String, _ body: (WireChannel) async throws -> Void) async throws {
            try await BrokerUnderTest.withServer {
                $0.definitions = try DefinitionLoader.parse(text: Self.definitions, file: "definitions.yaml")
            } _: { broker in
                var broker = broker
                (broker.user, broker.password) = (user, user)
                try await body(try await WireClient.open(broker).openChannel())
            }
        }
    }
}
