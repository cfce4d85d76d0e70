import AMQPProtocol
import Testing

extension Conformance {
    /// Requests and replies through the pseudo-queue `amq.rabbitmq.reply-to`.
    @Suite struct DirectReply {
        private static let pseudoQueue = "amq.rabbitmq.reply-to"

        @Test("a reply reaches the requester without a queue")
        func roundTrip() async throws {
            let (requester, server, queue) = try await parties()
            let tag = try await requester.consume(Self.pseudoQueue, noAck: true)
            try await requester.publish(
                "question", key: queue, BasicProperties(correlationID: "7", replyTo: Self.pseudoQueue))
            let request = try await server.nextDelivery()
            let address = try #require(try request.properties.replyTo)
            #expect(address.hasPrefix(Self.pseudoQueue + "."))
            #expect(try request.properties.correlationID == "7")
            try await server.publish("answer", key: address, BasicProperties(correlationID: "7"))
            let reply = try await requester.nextDelivery()
            #expect(reply.text == "answer" && reply.method.consumerTag == tag)
            #expect(reply.method.exchange.isEmpty && reply.method.routingKey == address)
            #expect(try reply.properties == BasicProperties(correlationID: "7"))
        }

        @Test("a mandatory reply that arrives is not returned", .harrierOnly("RabbitMQ returns what it has delivered"))
        func mandatoryReply() async throws {
            let (requester, server, queue) = try await parties()
            try await requester.consume(Self.pseudoQueue, noAck: true)
            try await requester.publish("?", key: queue, BasicProperties(replyTo: Self.pseudoQueue))
            let address = try #require(try await server.nextDelivery().properties.replyTo)
            try await server.publish("answer", key: address, mandatory: true)
            #expect(try await requester.nextDelivery().text == "answer")
            try await server.expectQuiet()
        }

        @Test("consuming it with acknowledgements is 406")
        func withAcks() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                BasicConsume(queue: Self.pseudoQueue), .preconditionFailed,
                "PRECONDITION_FAILED - reply consumer cannot acknowledge")
        }

        @Test("consuming it twice on a channel is 406")
        func twice() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.consume(Self.pseudoQueue, noAck: true)
            try await channel.expectRefusal(
                BasicConsume(queue: Self.pseudoQueue, noAck: true), .preconditionFailed,
                "PRECONDITION_FAILED - reply consumer already set")
        }

        @Test("after cancel it can be consumed again")
        func cancel() async throws {
            let channel = try await WireClient.open().openChannel()
            for _ in 0..<2 {
                let tag = try await channel.consume(Self.pseudoQueue, noAck: true)
                try await channel.call(BasicCancel(consumerTag: tag), BasicCancelOk.self)
            }
        }

        @Test("a request without a consumer for its replies is 406")
        func noConsumer() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue, BasicProperties(replyTo: Self.pseudoQueue))
            try await channel.expectClose(
                .preconditionFailed, "PRECONDITION_FAILED - fast reply consumer does not exist", cause: .basicPublish)
        }

        @Test("passive declare of it: no messages, one consumer")
        func passiveDeclare() async throws {
            let channel = try await WireClient.open().openChannel()
            let answer = try await channel.call(
                QueueDeclare(queue: Self.pseudoQueue, passive: true), QueueDeclareOk.self)
            #expect(answer == QueueDeclareOk(queue: Self.pseudoQueue, messageCount: 0, consumerCount: 1))
        }

        @Test("declare of an address tells whether the requester is still there")
        func declareAddress() async throws {
            let (requester, server, queue) = try await parties()
            try await requester.consume(Self.pseudoQueue, noAck: true)
            try await requester.publish("?", key: queue, BasicProperties(replyTo: Self.pseudoQueue))
            let address = try #require(try await server.nextDelivery().properties.replyTo)
            let answer = try await server.call(QueueDeclare(queue: address, passive: true), QueueDeclareOk.self)
            #expect(answer.consumerCount == 1)
            try await requester.close()
            try await server.expectRefusal(
                QueueDeclare(queue: address, passive: true), .notFound,
                "NOT_FOUND - no queue '\(address)' in vhost '\(server.virtualHost)'")
        }

        @Test("the requester is gone: the reply is dropped, or returned if mandatory")
        func requesterGone() async throws {
            let (requester, server, queue) = try await parties()
            try await requester.consume(Self.pseudoQueue, noAck: true)
            try await requester.publish("?", key: queue, BasicProperties(replyTo: Self.pseudoQueue))
            let address = try #require(try await server.nextDelivery().properties.replyTo)
            try await requester.close()
            try await server.publish("dropped", key: address)
            try await server.publish("returned", key: address, mandatory: true)
            #expect(try await server.nextReturn().text == "returned")
        }

        @Test("an address that nobody was given reaches nobody")
        func forgedAddress() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.publish("?", key: Self.pseudoQueue + ".forged", mandatory: true)
            #expect(try await channel.nextReturn().text == "?")
        }

        @Test("a reply is confirmed like any publish")
        func confirmedReply() async throws {
            let (requester, server, queue) = try await parties()
            try await requester.consume(Self.pseudoQueue, noAck: true)
            try await requester.publish("?", key: queue, BasicProperties(replyTo: Self.pseudoQueue))
            let address = try #require(try await server.nextDelivery().properties.replyTo)
            try await server.publishConfirmed(["answer"], key: address)
            #expect(try await requester.nextDelivery().text == "answer")
        }

        /// A requester, and a server that consumes from the queue, on connections of their own.
        private func parties() async throws -> (requester: WireChannel, server: WireChannel, queue: String) {
            let requester = try await WireClient.open().openChannel()
            let server = try await WireClient.open().openChannel()
            let queue = try await server.declareQueue()
            try await server.consume(queue, noAck: true)
            return (requester, server, queue)
        }
    }
}
