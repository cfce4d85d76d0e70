import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// What a dead letter is published with, and by which keys it is routed.
    @Suite struct Republishing {
        private static let copies: FieldTable = [
            "CC": .array([.string("copy")]), "BCC": .array([.string("blind")]), "other": .int32(1),
        ]

        /// Publishes a message, and makes a dead letter of it.
        private func die(
            _ channel: WireChannel, _ work: String, _ properties: BasicProperties = BasicProperties()
        ) async throws {
            try await channel.publish("m", key: work, properties)
            try await channel.rejectNext(of: work)
        }

        // MARK: Routing keys

        @Test("a dead-letter routing key takes the place of all keys: publish, CC and BCC")
        func replacedKeys() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("direct", keys: ["dead"])
            let work = try await channel.declareQueue(
                arguments: sink.arguments(["x-dead-letter-routing-key": .string("dead")]))
            let others = try await DeadLetterSink.open(at: sink.exchange, keys: [work, "copy", "blind"])
            try await die(channel, work, BasicProperties(headers: Self.copies))
            let letter = try await sink.next()
            #expect(letter.method.exchange == sink.exchange && letter.method.routingKey == "dead")
            try await sink.expectNothing()
            try await others.expectNothing()
        }

        @Test("without one all keys of the message route it: publish, CC and BCC", arguments: QueueKind.allCases)
        func keptKeys(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("direct")
            let work = try await channel.declareQueue(kind, arguments: ["x-dead-letter-exchange": .string(exchange)])
            var sinks: [DeadLetterSink] = []
            for key in [work, "copy", "blind"] {
                sinks.append(try await DeadLetterSink.open(at: exchange, keys: [key]))
            }
            try await channel.publishConfirmed(["m"], key: work, BasicProperties(headers: Self.copies))
            try await channel.rejectNext(of: work)
            for sink in sinks {
                let letter = try await sink.next()
                #expect(letter.text == "m")
                #expect(letter.method.exchange == exchange && letter.method.routingKey == work)
                try await sink.expectNothing()
            }
            try await channel.delete(work)
        }

        @Test("the header CC stays without a dead-letter routing key")
        func carbonCopies() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(channel, work, BasicProperties(headers: Self.copies))
            let headers = try await sink.next().headers
            #expect(headers["CC"] == Self.copies["CC"] && headers["other"] == .int32(1))
        }

        @Test("the header CC stays with a dead-letter routing key too", .harrierOnly("RabbitMQ 3.10 removes it"))
        func carbonCopiesWithKey() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(
                arguments: sink.arguments(["x-dead-letter-routing-key": .string("dead")]))
            try await die(channel, work, BasicProperties(headers: Self.copies))
            let headers = try await sink.next().headers
            #expect(headers["CC"] == Self.copies["CC"] && headers["other"] == .int32(1))
        }

        @Test("the header BCC is not in a dead letter, as it is in no message")
        func blindCopies() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(channel, work, BasicProperties(headers: Self.copies))
            #expect(try await sink.next().headers["BCC"] == nil)
        }

        @Test("keys of BCC route the first death alone: the next one knows only what it was published with")
        func blindCopiesOnce() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("direct")
            let blind = try await DeadLetterSink.open(at: exchange, keys: ["blind"])
            let second = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            let work = try await channel.declareQueue(
                arguments: [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(second),
                ])
            try await die(channel, work, BasicProperties(headers: Self.copies))
            // It got here by the dead-letter routing key, which is all that is left.
            try await channel.rejectNext(of: second)
            #expect(try await channel.get(second) == nil)
            try await blind.expectNothing()
        }

        // MARK: Routed like a publish

        @Test("a dead letter goes on through bindings between exchanges")
        func exchangeBinding() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let exchange = try await channel.declareExchange("topic")
            try await channel.call(
                ExchangeBind(destination: sink.exchange, source: exchange, routingKey: "dead.*"), ExchangeBindOk.self)
            let work = try await channel.declareQueue(
                arguments: [
                    "x-dead-letter-exchange": .string(exchange), "x-dead-letter-routing-key": .string("dead.letter"),
                ])
            try await die(channel, work)
            let letter = try await sink.next()
            #expect(letter.method.exchange == exchange && letter.method.routingKey == "dead.letter")
        }

        @Test("what the dead-letter exchange can't route goes to its alternate exchange")
        func alternateExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let exchange = try await channel.declareExchange(
                "direct", arguments: ["alternate-exchange": .string(sink.exchange)])
            let work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            try await die(channel, work)
            let letter = try await sink.next()
            #expect(letter.text == "m" && letter.method.exchange == exchange)
        }

        @Test("an internal exchange takes dead letters")
        func internalExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("fanout", internal: true)
            let sink = try await DeadLetterSink.open(at: exchange)
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(channel, work)
            #expect(try await sink.next().text == "m")
        }

        @Test("a headers exchange routes by what the death has put into the headers")
        func headersExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open("headers", keys: [])
            let rejected: FieldTable = [
                "x-match": .string("all-with-x"), "x-first-death-reason": .string("rejected"),
            ]
            let expired: FieldTable = ["x-match": .string("all-with-x"), "x-first-death-reason": .string("expired")]
            try await sink.bind("", rejected)
            let other = try await DeadLetterSink.open(at: sink.exchange, keys: [])
            try await other.bind("", expired)
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await die(channel, work)
            #expect(try await sink.next().text == "m")
            try await other.expectNothing()
        }

        @Test("each queue that the exchange routes to gets a copy")
        func copies() async throws {
            let channel = try await WireClient.open().openChannel()
            let first = try await DeadLetterSink.open()
            let second = try await DeadLetterSink.open(at: first.exchange)
            let work = try await channel.declareQueue(arguments: first.arguments())
            try await die(channel, work)
            for sink in [first, second] {
                #expect(try await sink.next().text == "m")
                try await sink.expectNothing()
            }
        }

        // MARK: Properties

        @Test("the expiration is removed; everything else stays", arguments: QueueKind.allCases)
        func properties(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(kind, arguments: sink.arguments())
            var properties = BasicProperties(
                contentType: "text/plain", contentEncoding: "utf-8",
                headers: ["text": .string("?"), "number": .int32(-5), "list": .array([.boolean(true), .void])],
                deliveryMode: 2, priority: 7, correlationID: "correlation", replyTo: "reply", expiration: "60000",
                messageID: "id", timestamp: 1_700_000_000, type: "type", appID: "app")
            properties.userID = channel.client.broker.user
            try await channel.publishConfirmed(["body and all"], key: work, properties)
            try await channel.rejectNext(of: work)
            let letter = try await sink.next()
            #expect(letter.text == "body and all")
            var received = try letter.properties
            let deathHeaders = [
                "x-death", "x-first-death-reason", "x-first-death-queue", "x-first-death-exchange",
                "x-last-death-reason", "x-last-death-queue", "x-last-death-exchange",
            ]
            for name in deathHeaders { received.headers?[name] = nil }
            // RabbitMQ may put headers into another order.
            for name in ["text", "number", "list"] {
                #expect(received.headers?[name] == properties.headers?[name])
            }
            #expect(received.headers?.count == 3)
            received.headers = properties.headers
            properties.expiration = nil
            #expect(received == properties)
            try await channel.delete(work)
        }

        @Test("a dead letter does not expire again by the expiration that it had")
        func expirationOnce() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = try await channel.declareQueue()
            let work = try await channel.declareQueue(
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead)])
            try await channel.publish("m", key: work, BasicProperties(expiration: "20"))
            #expect(try await channel.take(dead).properties.expiration == nil)
        }

        @Test(
            "a quorum queue counts the returns of a dead letter anew")
        func deliveryCount() async throws {
            let channel = try await WireClient.open().openChannel()
            let dead = try await channel.declareQueue(.quorum)
            let work = try await channel.declareQueue(
                .quorum,
                arguments: [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead),
                    "x-delivery-limit": .int32(1),
                ])
            try await channel.publishConfirmed(["m"], key: work)
            for _ in 1...2 {
                let delivery = try await channel.take(work)
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            let count = try await channel.take(dead).headers["x-delivery-count"]?.integerValue
            #expect(count ?? 0 == 0)
            try await channel.delete(work, dead)
        }
    }
}
