import AMQPProtocol
import Testing

extension Conformance {
    /// queue.bind, exchange.bind, and what they lead to.
    @Suite struct Bindings {
        @Test("binding twice is binding once")
        func twice() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange()
            for _ in 0..<2 { try await channel.bind(queue, to: exchange, "key") }
            try await channel.publish("one", to: exchange, key: "key")
            #expect(try await channel.getMessage(queue).text == "one")
            #expect(try await channel.get(queue) == nil)
            try await channel.call(QueueUnbind(queue: queue, exchange: exchange, routingKey: "key"), QueueUnbindOk.self)
            try await channel.publish("none", to: exchange, key: "key")
            #expect(try await channel.get(queue) == nil)
        }

        @Test("a queue bound by several keys that match gets a message once")
        func oneCopy() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange("topic")
            for key in ["a.*", "#", "*.b", "a.b"] { try await channel.bind(queue, to: exchange, key) }
            try await channel.publish("one", to: exchange, key: "a.b")
            #expect(try await channel.getMessage(queue).text == "one")
            #expect(try await channel.get(queue) == nil)
        }

        @Test("unbind of a binding that is not there is fine")
        func unbindMissing() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange()
            try await channel.bind(queue, to: exchange, "key")
            try await channel.call(
                QueueUnbind(queue: queue, exchange: exchange, routingKey: "other"), QueueUnbindOk.self)
            try await channel.call(
                QueueUnbind(queue: queue, exchange: exchange, routingKey: "key", arguments: ["a": .int32(1)]),
                QueueUnbindOk.self)
            try await channel.publish("still", to: exchange, key: "key")
            #expect(try await channel.getMessage(queue).text == "still")
        }

        @Test("unbind from a missing exchange, or of a missing queue, is fine")
        func unbindMissingEnds() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(QueueUnbind(queue: queue, exchange: unique("exchange")), QueueUnbindOk.self)
            try await channel.call(QueueUnbind(queue: unique("queue"), exchange: "amq.direct"), QueueUnbindOk.self)
        }

        @Test("bindings that differ in their arguments are two")
        func argumentsCount() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange("fanout")
            try await channel.bind(queue, to: exchange, "key")
            try await channel.bind(queue, to: exchange, "key", ["a": .int32(1)])
            try await channel.call(QueueUnbind(queue: queue, exchange: exchange, routingKey: "key"), QueueUnbindOk.self)
            try await channel.publish("still", to: exchange, key: "")
            #expect(try await channel.getMessage(queue).text == "still")
        }

        // MARK: Headers

        @Test("a headers binding with a bad x-match is 406")
        func badMatch() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.expectRefusal(
                QueueBind(queue: queue, exchange: "amq.headers", arguments: ["x-match": .string("zz")]),
                .preconditionFailed, .starting("PRECONDITION_FAILED - Invalid x-match field value "))
            try await channel.expectRefusal(
                QueueBind(queue: queue, exchange: "amq.headers", arguments: ["x-match": .int32(1)]),
                .preconditionFailed, .starting("PRECONDITION_FAILED - Invalid x-match field "))
        }

        @Test(
            "headers match by all, any, and with x- or without",
            arguments: [
                ("all", ["a": .int32(1), "b": .string("x")], true), ("all", ["a": .int32(1)], false),
                ("any", ["a": .int32(1)], true), ("any", ["a": .int32(2)], false), ("any", [:], false),
                ("all", ["a": .int32(1), "b": .string("x"), "x-c": .int32(9)], true),
                ("all-with-x", ["a": .int32(1), "b": .string("x")], false),
                ("all-with-x", ["a": .int32(1), "b": .string("x"), "x-c": .int32(3)], true),
                ("any", ["x-c": .int32(3)], false), ("any-with-x", ["x-c": .int32(3)], true),
            ] as [(String, FieldTable, Bool)])
        func headers(match: String, headers: FieldTable, isRouted: Bool) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchange = try await channel.declareExchange("headers")
            let arguments: FieldTable = [
                "x-match": .string(match), "a": .int32(1), "b": .string("x"), "x-c": .int32(3),
            ]
            try await channel.bind(queue, to: exchange, "", arguments)
            try await channel.publish("?", to: exchange, key: "", BasicProperties(headers: headers))
            #expect((try await channel.get(queue) != nil) == isRouted)
        }

        // MARK: Exchange to exchange

        @Test("exchange.bind hands messages on, exchange.unbind ends it")
        func exchangeToExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let source = try await channel.declareExchange("topic")
            let destination = try await channel.declareExchange("fanout")
            try await channel.bind(queue, to: destination)
            let bind = ExchangeBind(destination: destination, source: source, routingKey: "a.#")
            try await channel.call(bind, ExchangeBindOk.self)
            try await channel.call(bind, ExchangeBindOk.self)
            try await channel.publish("in", to: source, key: "a.b")
            try await channel.publish("out", to: source, key: "b.a")
            #expect(try await channel.getMessage(queue).text == "in")
            #expect(try await channel.get(queue) == nil)
            let unbind = ExchangeUnbind(destination: destination, source: source, routingKey: "a.#")
            for _ in 0..<2 { try await channel.call(unbind, ExchangeUnbindOk.self) }
            try await channel.publish("over", to: source, key: "a.b")
            #expect(try await channel.get(queue) == nil)
        }

        @Test("a cycle of exchanges ends, and each queue gets one copy")
        func cycle() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let exchanges = [
                try await channel.declareExchange("fanout"), try await channel.declareExchange("fanout"),
                try await channel.declareExchange("fanout"),
            ]
            for (index, exchange) in exchanges.enumerated() {
                try await channel.bind(queue, to: exchange)
                try await channel.call(
                    ExchangeBind(destination: exchanges[(index + 1) % 3], source: exchange), ExchangeBindOk.self)
            }
            // One more, to itself.
            try await channel.call(ExchangeBind(destination: exchanges[0], source: exchanges[0]), ExchangeBindOk.self)
            try await channel.publish("round", to: exchanges[0], key: "")
            #expect(try await channel.getMessage(queue).text == "round")
            #expect(try await channel.get(queue) == nil)
        }

        @Test("a message that comes through exchanges names the one that it was published to")
        func originalExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let source = try await channel.declareExchange("fanout")
            let destination = try await channel.declareExchange("fanout", internal: true)
            try await channel.bind(queue, to: destination)
            try await channel.call(ExchangeBind(destination: destination, source: source), ExchangeBindOk.self)
            try await channel.publish("?", to: source, key: "key")
            let method = try await channel.getMessage(queue).method
            #expect(method.exchange == source && method.routingKey == "key")
        }

        @Test("an exchange that goes takes its bindings along, on both ends")
        func exchangeGoes() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let source = try await channel.declareExchange("fanout")
            let middle = try await channel.declareExchange("fanout")
            try await channel.bind(queue, to: middle)
            try await channel.call(ExchangeBind(destination: middle, source: source), ExchangeBindOk.self)
            try await channel.call(ExchangeDelete(exchange: middle), ExchangeDeleteOk.self)
            _ = try await channel.declareExchange("fanout", middle)
            try await channel.publish("lost", to: source, key: "", mandatory: true)
            #expect(try await channel.nextReturn().text == "lost")
            try await channel.publish("lost", to: middle, key: "", mandatory: true)
            #expect(try await channel.nextReturn().text == "lost")
        }

        // MARK: Alternate exchanges

        @Test("what no binding wants goes to the alternate exchange, and from there on to its own")
        func alternate() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let last = try await channel.declareExchange("fanout")
            let middle = try await channel.declareExchange("direct", arguments: ["alternate-exchange": .string(last)])
            let first = try await channel.declareExchange("direct", arguments: ["alternate-exchange": .string(middle)])
            try await channel.bind(queue, to: last)
            try await channel.publish("unwanted", to: first, key: "nobody's", mandatory: true)
            let message = try await channel.getMessage(queue)
            #expect(message.text == "unwanted" && message.method.exchange == first)
            try await channel.expectQuiet()
        }

        @Test("what a binding wants does not go to the alternate exchange")
        func alternateIsTheLastResort() async throws {
            let channel = try await WireClient.open().openChannel()
            let wanted = try await channel.declareQueue()
            let unwanted = try await channel.declareQueue()
            let alternate = try await channel.declareExchange("fanout")
            let exchange = try await channel.declareExchange(
                "direct", arguments: ["alternate-exchange": .string(alternate)])
            try await channel.bind(wanted, to: exchange, "key")
            try await channel.bind(unwanted, to: alternate)
            try await channel.publish("?", to: exchange, key: "key")
            #expect(try await channel.getMessage(wanted).text == "?")
            #expect(try await channel.get(unwanted) == nil)
        }

        @Test("an alternate exchange that is not there loses the message; a cycle of them ends")
        func alternateMissingOrCycle() async throws {
            let channel = try await WireClient.open().openChannel()
            let missing = try await channel.declareExchange(
                "direct", arguments: ["alternate-exchange": .string(unique("none"))])
            try await channel.publish("a", to: missing, key: "", mandatory: true)
            #expect(try await channel.nextReturn().text == "a")
            let second = unique("exchange")
            let first = try await channel.declareExchange("direct", arguments: ["alternate-exchange": .string(second)])
            _ = try await channel.declareExchange("direct", second, arguments: ["alternate-exchange": .string(first)])
            try await channel.publish("b", to: first, key: "", mandatory: true)
            #expect(try await channel.nextReturn().text == "b")
        }
    }
}
