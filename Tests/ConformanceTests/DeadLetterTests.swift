import AMQPProtocol
import Testing

extension Conformance {
    /// What becomes of messages that their queue does not want.
    @Suite struct DeadLetters {
        /// A queue that dead-letters to another by its name, and that other.
        private func queues(
            _ channel: WireChannel, durable: Bool = false, exclusive: Bool = true, _ arguments: FieldTable = [:]
        ) async throws -> (work: String, dead: String) {
            let dead = try await channel.declareQueue()
            var all: FieldTable = ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(dead)]
            for entry in arguments.entries { all[entry.name] = entry.value }
            return (try await channel.declareQueue(durable: durable, exclusive: exclusive, arguments: all), dead)
        }

        /// A dead letter, which may take a moment to get there.
        private func deadLetter(_ channel: WireChannel, _ queue: String) async throws -> Received<BasicGetOk> {
            try await channel.consume(queue, tag: "dead")
            let delivery = try await channel.nextDelivery()
            try await channel.call(BasicCancel(consumerTag: "dead"), BasicCancelOk.self)
            let method = BasicGetOk(
                deliveryTag: delivery.method.deliveryTag, redelivered: delivery.method.redelivered,
                exchange: delivery.method.exchange, routingKey: delivery.method.routingKey, messageCount: 0)
            return Received(method: method, content: delivery.content)
        }

        private func firstDeath(_ message: Received<BasicGetOk>) throws -> FieldTable {
            try #require(try message.properties.headers?["x-death"]?.arrayValue?.first?.tableValue)
        }

        /// On a connection of its own: consumers of the test's may have something coming.
        private func delete(_ queues: String...) async throws {
            let channel = try await WireClient.open().openChannel()
            for queue in queues { try await channel.call(QueueDelete(queue: queue), QueueDeleteOk.self) }
        }

        @Test("with a dead-letter routing key the header CC is not left in the message")
        func carbonCopies() async throws {
            let channel = try await WireClient.open().openChannel()
            let (work, dead) = try await queues(channel)
            let copies: FieldTable = ["CC": .array([.string("elsewhere")]), "other": .int32(1)]
            try await channel.publish("m", key: work, BasicProperties(headers: copies))
            let message = try await channel.getMessage(work, noAck: false)
            try await channel.send(BasicReject(deliveryTag: message.method.deliveryTag, requeue: false))
            let letter = try await deadLetter(channel, dead)
            let headers = try #require(try letter.properties.headers)
            #expect(headers["CC"] == nil)
            #expect(headers["other"] == .int32(1))
            #expect(try firstDeath(letter)["routing-keys"] == .array([.string(work), .string("elsewhere")]))
        }

        @Test("without one the keys of CC count, and it stays")
        func carbonCopiesKept() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("direct")
            let dead = try await channel.declareQueue()
            try await channel.bind(dead, to: exchange, "copy")
            let work = try await channel.declareQueue(arguments: ["x-dead-letter-exchange": .string(exchange)])
            try await channel.publish(
                "m", key: work, BasicProperties(headers: ["CC": .array([.string("copy")])]))
            let message = try await channel.getMessage(work, noAck: false)
            try await channel.send(BasicReject(deliveryTag: message.method.deliveryTag, requeue: false))
            #expect(try await deadLetter(channel, dead).properties.headers?["CC"] == .array([.string("copy")]))
        }

        @Test("reject-publish-dlx: the publisher is nacked, and the refused message is a dead letter")
        func refusedPublish() async throws {
            let channel = try await WireClient.open().openChannel()
            let (work, dead) = try await queues(
                channel, ["x-max-length": .int32(1), "x-overflow": .string("reject-publish-dlx")])
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("fits", key: work)
            try await channel.awaitConfirms(through: 1)
            try await channel.publish("does not", key: work)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 2)
            let letter = try await deadLetter(channel, dead)
            #expect(letter.text == "does not")
            let death = try firstDeath(letter)
            #expect(death["reason"] == .string("maxlen") && death["queue"] == .string(work))
            #expect(death["count"] == .int64(1) && death["routing-keys"] == .array([.string(work)]))
            #expect(try await channel.messageCount(work) == 1)
            #expect(try await channel.getMessage(work).text == "fits")
        }

        @Test("reject-publish without -dlx: the refused message is gone")
        func refusedPublishWithoutDeadLetter() async throws {
            let channel = try await WireClient.open().openChannel()
            let (work, dead) = try await queues(
                channel, ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("fits", key: work)
            try await channel.awaitConfirms(through: 1)
            try await channel.publish("does not", key: work)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 2)
            #expect(try await channel.get(dead) == nil)
        }

        // MARK: Delivery limit

        private static let quorum: FieldTable = ["x-queue-type": .string("quorum")]

        /// Takes a message and gives it back, so often; the header x-delivery-count of each delivery.
        private func returnMessage(
            _ channel: WireChannel, _ queue: String, times: Int
        ) async throws -> [FieldValue?] {
            var counts: [FieldValue?] = []
            try await channel.consume(queue, tag: "work")
            for _ in 0..<times {
                let delivery = try await channel.nextDelivery()
                #expect(delivery.method.redelivered == !counts.isEmpty)
                counts.append(try delivery.properties.headers?["x-delivery-count"])
                try await channel.send(
                    BasicNack(deliveryTag: delivery.method.deliveryTag, multiple: false, requeue: true))
            }
            return counts
        }

        @Test("a message that comes back to a quorum queue more often than its limit is a dead letter")
        func deliveryLimit() async throws {
            let channel = try await WireClient.open().openChannel()
            var arguments = Self.quorum
            arguments["x-delivery-limit"] = .int32(2)
            let (work, dead) = try await queues(channel, durable: true, exclusive: false, arguments)
            let properties = BasicProperties(headers: ["mine": .int32(7)], deliveryMode: 2, messageID: "id")
            try await channel.publishConfirmed(["poison"], key: work, properties)
            #expect(try await returnMessage(channel, work, times: 3) == [nil, .int64(1), .int64(2)])
            let letter = try await deadLetter(channel, dead)
            #expect(letter.text == "poison")
            let death = try firstDeath(letter)
            #expect(death["reason"] == .string("delivery_limit") && death["queue"] == .string(work))
            let headers = try #require(try letter.properties.headers)
            #expect(headers["mine"] == .int32(7) && headers["x-delivery-count"] == nil)
            #expect(try letter.properties.messageID == "id")
            try await delete(work)
        }

        @Test(
            "the limit is 20 if none is named, and a negative one is none",
            .harrierOnly("RabbitMQ has a default limit since 4.0"))
        func otherLimits() async throws {
            let channel = try await WireClient.open().openChannel()
            let (work, dead) = try await queues(channel, durable: true, exclusive: false, Self.quorum)
            try await channel.publishConfirmed(["poison"], key: work, BasicProperties(deliveryMode: 2))
            _ = try await returnMessage(channel, work, times: 21)
            #expect(try await deadLetter(channel, dead).text == "poison")
            var arguments = Self.quorum
            arguments["x-delivery-limit"] = .int32(-1)
            let other = try await WireClient.open().openChannel()
            let (endless, _) = try await queues(other, durable: true, exclusive: false, arguments)
            try await other.publishConfirmed(["patient"], key: endless, BasicProperties(deliveryMode: 2))
            #expect(try await returnMessage(other, endless, times: 30).last == .int64(29))
            try await delete(work, endless)
        }

        @Test("the count stands in what basic.get gives, and goes on when a connection is lost")
        func countsOfLostConnections() async throws {
            let channel = try await WireClient.open().openChannel()
            var arguments = Self.quorum
            arguments["x-delivery-limit"] = .int32(5)
            let (work, _) = try await queues(channel, durable: true, exclusive: false, arguments)
            try await channel.publishConfirmed(["m"], key: work, BasicProperties(deliveryMode: 2))
            let first = try await channel.getMessage(work, noAck: false)
            #expect(try first.properties.headers?["x-delivery-count"] == .int64(0))
            try await channel.send(
                BasicNack(deliveryTag: first.method.deliveryTag, multiple: false, requeue: true))
            let lost = try await WireClient.open()
            let consuming = try await lost.openChannel()
            try await consuming.consume(work, tag: "lost")
            #expect(try await consuming.nextDelivery().properties.headers?["x-delivery-count"] == .int64(1))
            try await lost.drop()
            try await channel.consume(work, tag: "work")
            #expect(try await channel.nextDelivery().properties.headers?["x-delivery-count"] == .int64(2))
            try await delete(work)
        }

        @Test("a classic queue counts nothing and has no limit")
        func classic() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(durable: true, exclusive: false)
            try await channel.publishConfirmed(["m"], key: queue)
            #expect(try await returnMessage(channel, queue, times: 25).allSatisfy { $0 == nil })
            try await delete(queue)
        }
    }
}
