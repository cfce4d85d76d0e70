import AMQPProtocol
import Testing

extension Conformance {
    /// exchange.declare and delete.
    @Suite struct Exchanges {
        @Test("any operation on the default exchange is 403")
        func defaultExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let text: ExpectedText = "ACCESS_REFUSED - operation not permitted on the default exchange"
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange()
            try await channel.expectRefusal(ExchangeDeclare(exchange: "", type: "direct"), .accessRefused, text)
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: "", type: "direct", passive: true), .accessRefused, text)
            try await channel.expectRefusal(ExchangeDelete(exchange: ""), .accessRefused, text)
            try await channel.expectRefusal(QueueBind(queue: queue, exchange: ""), .accessRefused, text)
            try await channel.expectRefusal(QueueUnbind(queue: queue, exchange: ""), .accessRefused, text)
            try await channel.expectRefusal(ExchangeBind(destination: exchange, source: ""), .accessRefused, text)
            try await channel.expectRefusal(ExchangeBind(destination: "", source: exchange), .accessRefused, text)
            try await channel.expectRefusal(ExchangeUnbind(destination: exchange, source: ""), .accessRefused, text)
            try await channel.expectRefusal(ExchangeUnbind(destination: "", source: exchange), .accessRefused, text)
        }

        @Test(
            "every type of the protocol can be declared, and found again",
            arguments: [
                "direct", "fanout", "topic", "headers",
            ])
        func declare(type: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(type)
            _ = try await channel.declareExchange(type, exchange)
            try await channel.call(
                ExchangeDeclare(exchange: exchange, type: "", passive: true), ExchangeDeclareOk.self)
            try await channel.call(ExchangeDelete(exchange: exchange), ExchangeDeleteOk.self)
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: exchange, type: type, passive: true), .notFound,
                "NOT_FOUND - no exchange '\(exchange)' in vhost '\(channel.virtualHost)'")
        }

        @Test("declare of a new name that starts with amq. is 403")
        func reservedName() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: "amq.mine", type: "direct"), .accessRefused,
                "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'")
        }

        @Test(
            "the predeclared exchanges are there, and can be declared again alike",
            arguments: [
                ("amq.direct", "direct"), ("amq.fanout", "fanout"), ("amq.topic", "topic"), ("amq.headers", "headers"),
                ("amq.match", "headers"),
            ])
        func predeclared(name: String, type: String) async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.call(ExchangeDeclare(exchange: name, type: type, passive: true), ExchangeDeclareOk.self)
            _ = try await channel.declareExchange(type, name, durable: true)
        }

        @Test("delete of a predeclared exchange is 403")
        func deletePredeclared() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                ExchangeDelete(exchange: "amq.direct"), .accessRefused,
                "ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '\(channel.virtualHost)' not allowed"
            )
        }

        @Test("an unknown type closes the connection with 503")
        func unknownType() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(ExchangeDeclare(exchange: unique("exchange"), type: "zz"))
            try await channel.client.expectClose(
                .commandInvalid, "COMMAND_INVALID - unknown exchange type 'zz'", cause: .exchangeDeclare)
        }

        @Test(
            "redeclare with another property is 406, and the text names it",
            arguments: [
                (ExchangeDeclare(exchange: "", type: "fanout"), "type", "'fanout' but current is 'direct'"),
                (
                    ExchangeDeclare(exchange: "", type: "direct", durable: true), "durable",
                    "'true' but current is 'false'"
                ),
                (
                    ExchangeDeclare(exchange: "", type: "direct", autoDelete: true), "auto_delete",
                    "'true' but current is 'false'"
                ),
                (
                    ExchangeDeclare(exchange: "", type: "direct", internal: true), "internal",
                    "'true' but current is 'false'"
                ),
            ])
        func otherProperty(declare: ExchangeDeclare, name: String, difference: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange()
            var declare = declare
            declare.exchange = exchange
            try await channel.expectRefusal(
                declare, .preconditionFailed,
                """
                PRECONDITION_FAILED - inequivalent arg '\(name)' for exchange '\(exchange)' in vhost \
                '\(channel.virtualHost)': received \(difference)
                """)
        }

        @Test("redeclare with another alternate exchange is 406")
        func otherAlternate() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(arguments: ["alternate-exchange": .string("amq.fanout")])
            try await channel.expectRefusal(
                ExchangeDeclare(
                    exchange: exchange, type: "direct", arguments: ["alternate-exchange": .string("amq.direct")]),
                .preconditionFailed,
                """
                PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange '\(exchange)' in vhost \
                '\(channel.virtualHost)': received 'amq.direct' but current is 'amq.fanout'
                """)
        }

        @Test("other arguments are not compared")
        func otherArguments() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(arguments: ["x-of-ours": .int32(1)])
            _ = try await channel.declareExchange("direct", exchange, arguments: ["x-of-ours": .int32(2)])
        }

        @Test("use of a missing exchange is 404")
        func missing() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let there = try await channel.declareExchange()
            let name = unique("exchange")
            let text: ExpectedText = "NOT_FOUND - no exchange '\(name)' in vhost '\(channel.virtualHost)'"
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: name, type: "direct", passive: true), .notFound, text)
            try await channel.expectRefusal(QueueBind(queue: queue, exchange: name), .notFound, text)
            try await channel.expectRefusal(ExchangeBind(destination: there, source: name), .notFound, text)
            try await channel.expectRefusal(ExchangeBind(destination: name, source: there), .notFound, text)
            try await channel.publish("lost", to: name, key: "")
            try await channel.expectClose(.notFound, text, cause: .basicPublish)
        }

        @Test("delete of a missing exchange is fine")
        func deleteMissing() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.call(ExchangeDelete(exchange: unique("exchange")), ExchangeDeleteOk.self)
        }

        @Test("delete if-unused of an exchange with bindings is 406")
        func deleteIfUnused() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange()
            try await channel.bind(queue, to: exchange, "key")
            try await channel.expectRefusal(
                ExchangeDelete(exchange: exchange, ifUnused: true), .preconditionFailed,
                "PRECONDITION_FAILED - exchange '\(exchange)' in vhost '\(channel.virtualHost)' in use")
            try await channel.call(
                QueueUnbind(queue: queue, exchange: exchange, routingKey: "key"), QueueUnbindOk.self)
            try await channel.call(ExchangeDelete(exchange: exchange, ifUnused: true), ExchangeDeleteOk.self)
        }

        @Test("an auto-delete exchange goes with its last binding")
        func autoDelete() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(autoDelete: true)
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange, "a")
            try await channel.bind(queue, to: exchange, "b")
            try await channel.call(QueueUnbind(queue: queue, exchange: exchange, routingKey: "a"), QueueUnbindOk.self)
            try await channel.call(
                ExchangeDeclare(exchange: exchange, type: "direct", passive: true), ExchangeDeclareOk.self)
            try await channel.call(QueueDelete(queue: queue), QueueDeleteOk.self)
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: exchange, type: "direct", passive: true), .notFound,
                "NOT_FOUND - no exchange '\(exchange)' in vhost '\(channel.virtualHost)'")
        }
    }
}
