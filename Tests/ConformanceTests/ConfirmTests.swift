import AMQPProtocol
import Testing

extension Conformance {
    /// confirm.select, and the acks and nacks that follow.
    @Suite struct Confirms {
        @Test("select twice is fine, and numbering goes on")
        func selectTwice() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("before", key: queue)
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("1", key: queue)
            #expect(try await channel.next(BasicAck.self).deliveryTag == 1)
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("2", key: queue)
            #expect(try await channel.next(BasicAck.self).deliveryTag == 2)
        }

        @Test("select with nowait is not answered")
        func selectWithoutAnswer() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.send(ConfirmSelect(noWait: true))
            try await channel.publish("1", key: queue)
            #expect(try await channel.next(BasicAck.self).deliveryTag == 1)
        }

        @Test("every publish is confirmed, transient or persistent, to durable queues or not")
        func everyPublish() async throws {
            let channel = try await WireClient.open().openChannel()
            let durable = try await channel.declareQueue(durable: true, exclusive: false)
            let transient = try await channel.declareQueue()
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            var count: UInt64 = 0
            for mode: UInt8? in [1, 2, nil] {
                for queue in [durable, transient, unique("nobody")] {
                    for _ in 0..<10 {
                        try await channel.publish("?", key: queue, BasicProperties(deliveryMode: mode))
                        count += 1
                    }
                }
            }
            try await channel.awaitConfirms(through: count)
            try await channel.expectQuiet()
        }

        @Test("each channel numbers from 1")
        func perChannel() async throws {
            let client = try await WireClient.open()
            let queue = try await client.openChannel(1).declareQueue()
            for number: UInt16 in 2...4 {
                try await client.openChannel(number).publishConfirmed(["a", "b"], key: queue)
            }
        }

        @Test("a full queue that rejects publishes nacks, the others' confirms unharmed")
        func nack() async throws {
            let channel = try await WireClient.open().openChannel()
            let full = try await channel.declareQueue(arguments: [
                "x-max-length": .int32(1), "x-overflow": .string("reject-publish"),
            ])
            let other = try await channel.declareQueue()
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("fits", key: full)
            try await channel.awaitConfirms(through: 1)
            try await channel.publish("does not", key: full)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 2)
            try await channel.publish("elsewhere", key: other)
            try await channel.awaitConfirms(from: 3, through: 3)
            #expect(try await channel.getMessage(full).text == "fits")
            #expect(try await channel.get(full) == nil)
        }

        @Test("a confirm does not wait for the consumer")
        func unconsumed() async throws {
            let client = try await WireClient.open()
            let consumer = try await client.openChannel(1)
            let queue = try await consumer.declareQueue()
            try await consumer.setPrefetch(1)
            let publisher = try await WireClient.open().openChannel()
            try await publisher.publishConfirmed(["a", "b", "c"], key: queue)
            #expect(try await consumer.messageCount(queue) == 3)
        }
    }
}
