import AMQPProtocol
import Testing

extension Conformance {
    /// Methods that ask for no answer get none, and have their effect all the same.
    @Suite struct NoWait {
        @Test("declare, bind, unbind, purge, delete of queues")
        func queues() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = unique("queue")
            let exchange = try await channel.declareExchange()
            try await channel.send(QueueDeclare(queue: queue, exclusive: true, noWait: true))
            try await channel.send(QueueDeclare(queue: queue, passive: true, noWait: true))
            try await channel.send(QueueBind(queue: queue, exchange: exchange, routingKey: "key", noWait: true))
            for text in ["a", "b"] { try await channel.publish(text, to: exchange, key: "key") }
            #expect(try await channel.getMessage(queue).text == "a")
            try await channel.send(QueuePurge(queue: queue, noWait: true))
            #expect(try await channel.messageCount(queue) == 0)
            try await channel.send(QueueDelete(queue: queue, noWait: true))
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, passive: true), .notFound,
                "NOT_FOUND - no queue '\(queue)' in vhost '\(channel.virtualHost)'")
        }

        @Test("declare, bind, unbind, delete of exchanges")
        func exchanges() async throws {
            let channel = try await WireClient.open().openChannel()
            let (source, destination) = (unique("exchange"), unique("exchange"))
            let queue = try await channel.declareQueue()
            for name in [source, destination] {
                try await channel.send(ExchangeDeclare(exchange: name, type: "fanout", noWait: true))
            }
            try await channel.send(
                ExchangeDeclare(exchange: source, type: "fanout", passive: true, noWait: true))
            try await channel.bind(queue, to: destination)
            try await channel.send(ExchangeBind(destination: destination, source: source, noWait: true))
            try await channel.publish("through", to: source, key: "")
            #expect(try await channel.getMessage(queue).text == "through")
            try await channel.send(ExchangeUnbind(destination: destination, source: source, noWait: true))
            try await channel.publish("back", to: source, key: "", mandatory: true)
            #expect(try await channel.nextReturn().text == "back")
            try await channel.send(ExchangeDelete(exchange: source, noWait: true))
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: source, type: "fanout", passive: true), .notFound,
                "NOT_FOUND - no exchange '\(source)' in vhost '\(channel.virtualHost)'")
        }

        @Test("consume and cancel")
        func consumers() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.send(BasicConsume(queue: queue, consumerTag: "mine", noAck: true, noWait: true))
            try await channel.publish("?", key: queue)
            #expect(try await channel.nextDelivery().method.consumerTag == "mine")
            try await channel.send(BasicCancel(consumerTag: "mine", noWait: true))
            try await channel.publish("stays", key: queue)
            #expect(try await channel.getMessage(queue).text == "stays")
        }

        @Test("what fails closes the channel all the same")
        func failures() async throws {
            let channel = try await WireClient.open().openChannel()
            let name = unique("queue")
            let noQueue: ExpectedText = "NOT_FOUND - no queue '\(name)' in vhost '\(channel.virtualHost)'"
            let noExchange: ExpectedText = "NOT_FOUND - no exchange '\(name)' in vhost '\(channel.virtualHost)'"
            try await channel.expectRefusal(QueueDeclare(queue: name, passive: true, noWait: true), .notFound, noQueue)
            try await channel.expectRefusal(QueuePurge(queue: name, noWait: true), .notFound, noQueue)
            try await channel.expectRefusal(BasicConsume(queue: name, noWait: true), .notFound, noQueue)
            try await channel.expectRefusal(
                ExchangeDeclare(exchange: name, type: "direct", passive: true, noWait: true), .notFound, noExchange)
            try await channel.expectRefusal(
                ExchangeBind(destination: "amq.fanout", source: name, noWait: true), .notFound, noExchange)
            try await channel.expectRefusal(
                QueueDeclare(queue: "amq.mine", noWait: true), .accessRefused,
                "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'")
        }
    }
}
