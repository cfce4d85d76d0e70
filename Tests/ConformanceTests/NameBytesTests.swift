import AMQPProtocol
import Testing

extension Conformance {
    /// Names are bytes: texts that Unicode takes for equivalent are different names.
    @Suite struct NameBytes {
        private static let composed = "caf\u{E9}"
        private static let decomposed = "cafe\u{301}"

        @Test("two binding keys, of which one goes", arguments: ["direct", "topic"])
        func bindings(type: String) async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange(type)
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: exchange, Self.composed)
            try await channel.bind(queue, to: exchange, Self.decomposed)
            try await channel.publishConfirmed(["1"], to: exchange, key: Self.composed)
            #expect(try await channel.getMessage(queue).text == "1")
            try await channel.publish("2", to: exchange, key: Self.decomposed)
            try await channel.awaitConfirms(from: 2, through: 2)
            #expect(try await channel.getMessage(queue).text == "2")
            try await channel.call(
                QueueUnbind(queue: queue, exchange: exchange, routingKey: Self.composed), QueueUnbindOk.self)
            try await channel.publish("3", to: exchange, key: Self.decomposed)
            try await channel.awaitConfirms(from: 3, through: 3)
            #expect(try await channel.getMessage(queue).text == "3")
        }

        @Test("two arguments of bindings")
        func bindingArguments() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("headers")
            let queue = try await channel.declareQueue()
            for name in [Self.composed, Self.decomposed] {
                try await channel.bind(queue, to: exchange, "", ["x-match": .string("all"), name: .int32(1)])
            }
            try await channel.publish(
                "m", to: exchange, key: "", BasicProperties(headers: [Self.decomposed: .int32(1)]))
            #expect(try await channel.getMessage(queue).text == "m")
        }

        @Test("two consumer tags on one channel")
        func consumerTags() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.consume(queue, tag: Self.composed, noAck: true)
            try await channel.consume(queue, tag: Self.decomposed, noAck: true)
            try await channel.call(BasicCancel(consumerTag: Self.composed), BasicCancelOk.self)
            try await channel.publish("m", key: queue)
            #expect(try await channel.nextDelivery().method.consumerTag.unicodeScalars.count == 5)
        }

        @Test("two queues and two exchanges")
        func resources() async throws {
            let channel = try await WireClient.open().openChannel()
            let name = unique("name")
            for suffix in [Self.composed, Self.decomposed] {
                let exchange = try await channel.declareExchange("fanout", name + suffix, autoDelete: true)
                try await channel.bind(try await channel.declareQueue(name + suffix), to: exchange)
                try await channel.publish(suffix, to: exchange, key: "")
            }
            for suffix in [Self.composed, Self.decomposed] {
                #expect(try await channel.getMessage(name + suffix).content.body == Array(suffix.utf8))
                #expect(try await channel.get(name + suffix) == nil)
            }
        }

        @Test("the reserved prefix is one whatever stands behind it")
        func reservedPrefix() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                QueueDeclare(queue: "amq.\u{301}x"), .accessRefused,
                "ACCESS_REFUSED - queue name 'amq.\u{301}x' contains reserved prefix 'amq.*'")
        }
    }
}
