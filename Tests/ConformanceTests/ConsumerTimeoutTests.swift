import AMQPProtocol
import Broker
import BrokerServer
import Testing

extension Conformance {
    /// Consumers that do not acknowledge in time.
    @Suite(.harrierOnly("as RabbitMQ 4.3; 3.10 looks once a minute and closes the channel"))
    struct ConsumerTimeouts {
        private static let quorum: FieldTable = ["x-queue-type": .string("quorum")]

        private func cancelled(_ channel: WireChannel, _ tag: String) async throws {
            #expect(try await channel.next(BasicCancel.self).consumerTag == tag)
        }

        @Test("what a consumer holds for too long goes to others, and it is cancelled; its late acks do no harm")
        func byConsumer() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publishConfirmed(["first", "second"], key: queue)
            try await channel.consume(queue, tag: "slow", ["x-consumer-timeout": .int32(300)])
            let first = try await channel.nextDelivery()
            let second = try await channel.nextDelivery()
            try await cancelled(channel, "slow")
            let other = try await client.openChannel(2)
            try await other.consume(queue, tag: "quick")
            for text in ["first", "second"] {
                let delivery = try await other.nextDelivery()
                #expect(delivery.text == text && delivery.method.redelivered)
                try await other.send(BasicAck(deliveryTag: delivery.method.deliveryTag))
            }
            try await channel.send(BasicAck(deliveryTag: first.method.deliveryTag))
            try await channel.send(
                BasicNack(deliveryTag: second.method.deliveryTag, multiple: true, requeue: true))
            #expect(try await channel.messageCount(queue) == 0)
            // Each of them once.
            try await channel.expectRefusal(
                BasicAck(deliveryTag: first.method.deliveryTag), .preconditionFailed,
                "PRECONDITION_FAILED - unknown delivery tag 1")
        }

        @Test("the time of the queue's argument is for consumers that name none, and counts as no failure")
        func byQueue() async throws {
            let channel = try await WireClient.open().openChannel()
            var arguments = Self.quorum
            arguments["x-consumer-timeout"] = .int32(200)
            let queue = try await channel.declareQueue(durable: true, exclusive: false, arguments: arguments)
            try await channel.publishConfirmed(["m"], key: queue, BasicProperties(deliveryMode: 2))
            try await channel.consume(queue, tag: "slow")
            _ = try await channel.nextDelivery()
            try await cancelled(channel, "slow")
            let again = try await channel.getMessage(queue, noAck: false)
            let headers = try #require(try again.properties.headers)
            #expect(headers["x-delivery-count"] == .int64(0) && headers["x-acquired-count"] == .int64(1))
            try await channel.call(QueueDelete(queue: queue), QueueDeleteOk.self)
        }

        @Test("a setting closes the channel instead, and sets the time for all", .ownServer)
        func closesChannel() async throws {
            try await BrokerUnderTest.withServer { configuration in
                configuration.broker.consumerTimeoutMilliseconds = 200
                configuration.broker.consumerTimeoutResponse = .closeChannel
            } _: { broker in
                let channel = try await WireClient.open(broker).openChannel()
                let queue = try await channel.declareQueue()
                try await channel.publish("m", key: queue)
                try await channel.consume(queue, tag: "slow")
                _ = try await channel.nextDelivery()
                try await channel.expectClose(
                    .preconditionFailed,
                    .starting(
                        "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 200 ms"
                    ),
                    cause: .none)
            }
        }
    }

    /// Arguments that nobody knows.
    @Suite struct UnknownArguments {
        @Test("they are taken, by queues and consumers")
        func accepted() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(arguments: ["x-of-ours": .int32(1), "plain": .string("y")])
            try await channel.consume(queue, tag: "c", ["x-also-ours": .boolean(true)])
        }

        @Test("a setting refuses those that begin with x-", .ownServer)
        func refused() async throws {
            try await BrokerUnderTest.withServer { configuration in
                configuration.broker.unknownArguments = .refuse
            } _: { broker in
                let client = try await WireClient.open(broker)
                let channel = try await client.openChannel()
                try await channel.expectRefusal(
                    QueueDeclare(queue: "q", exclusive: true, arguments: ["x-mesage-ttl": .int32(1000)]),
                    .preconditionFailed,
                    .starting("PRECONDITION_FAILED - invalid arg 'x-mesage-ttl' for queue 'q' in vhost '/'"))
                let queue = try await channel.declareQueue(arguments: ["mine": .int32(1), "x-message-ttl": .int32(9)])
                try await channel.expectRefusal(
                    BasicConsume(queue: queue, consumerTag: "c", arguments: ["x-prio": .int32(1)]),
                    .preconditionFailed, .starting("PRECONDITION_FAILED - invalid arg 'x-prio' for consumer 'c'"))
            }
        }
    }
}
