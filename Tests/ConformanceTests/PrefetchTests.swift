import AMQPProtocol
import Testing

extension Conformance {
    /// basic.qos: how much may be outstanding.
    @Suite struct Prefetch {
        @Test("a prefetch size is 540")
        func size() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicQos(prefetchSize: 10, prefetchCount: 1))
            try await channel.client.expectClose(
                .notImplemented, "NOT_IMPLEMENTED - prefetch_size!=0 (10)", cause: .basicQos)
        }

        @Test("a consumer holds no more than its prefetch count; acknowledging makes room")
        func perConsumer() async throws {
            let (channel, queue) = try await filled(5)
            try await channel.setPrefetch(2)
            try await channel.consume(queue)
            for _ in 1...2 { _ = try await channel.nextDelivery() }
            try await channel.expectQuiet()
            try await channel.send(BasicAck(deliveryTag: 1))
            #expect(try await channel.nextDelivery().text == "3")
            try await channel.expectQuiet()
            try await channel.send(BasicAck(deliveryTag: 3, multiple: true))
            #expect(try await channel.nextDelivery().text == "4")
            #expect(try await channel.nextDelivery().text == "5")
        }

        @Test("each consumer has a prefetch count of its own: the one that was set when it came")
        func perConsumerEach() async throws {
            let (channel, queue) = try await filled(10)
            try await channel.setPrefetch(1)
            try await channel.consume(queue, tag: "one")
            #expect(try await channel.nextDelivery().method.consumerTag == "one")
            try await channel.setPrefetch(3)
            try await channel.expectQuiet()
            try await channel.consume(queue, tag: "three")
            for _ in 1...3 { #expect(try await channel.nextDelivery().method.consumerTag == "three") }
            try await channel.expectQuiet()
        }

        @Test("a global prefetch count is shared by the channel's consumers")
        func global() async throws {
            let (channel, queue) = try await filled(10)
            try await channel.setPrefetch(3, global: true)
            try await channel.consume(queue, tag: "a")
            for _ in 1...3 { _ = try await channel.nextDelivery() }
            try await channel.consume(queue, tag: "b")
            try await channel.expectQuiet()
            try await channel.send(BasicAck(deliveryTag: 2, multiple: true))
            for _ in 1...2 { _ = try await channel.nextDelivery() }
            try await channel.expectQuiet()
        }

        @Test("of a consumer's and the channel's prefetch count the smaller holds")
        func both() async throws {
            let (channel, queue) = try await filled(10)
            // In this order: in RabbitMQ 3.10 the other one takes the channel's limit away.
            try await channel.setPrefetch(2)
            try await channel.setPrefetch(3, global: true)
            try await channel.consume(queue, tag: "a")
            for _ in 1...2 { #expect(try await channel.nextDelivery().method.consumerTag == "a") }
            try await channel.expectQuiet()
            try await channel.consume(queue, tag: "b")
            #expect(try await channel.nextDelivery().method.consumerTag == "b")
            try await channel.expectQuiet()
        }

        @Test("a larger global prefetch count takes effect at once, and 0 is no limit")
        func raised() async throws {
            let (channel, queue) = try await filled(6)
            try await channel.setPrefetch(1, global: true)
            try await channel.consume(queue)
            _ = try await channel.nextDelivery()
            try await channel.setPrefetch(3, global: true)
            for _ in 1...2 { _ = try await channel.nextDelivery() }
            try await channel.expectQuiet()
            try await channel.setPrefetch(0, global: true)
            for _ in 1...3 { _ = try await channel.nextDelivery() }
        }

        @Test("deliveries without acknowledgement and gets are not limited")
        func unlimited() async throws {
            let (channel, queue) = try await filled(8)
            try await channel.setPrefetch(1)
            try await channel.setPrefetch(1, global: true)
            for _ in 1...3 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.consume(queue, noAck: true)
            for number in 4...8 { #expect(try await channel.nextDelivery().text == "\(number)") }
        }

        /// A channel and a queue with that many messages, numbered from 1.
        private func filled(_ count: Int) async throws -> (channel: WireChannel, queue: String) {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.client.openChannel(2).publishConfirmed((1...count).map { "\($0)" }, key: queue)
            return (channel, queue)
        }
    }
}
