import AMQPProtocol
import Testing

extension Conformance {
    /// Messages that are to be delivered later, and returns that wait.
    @Suite(.harrierOnly("RabbitMQ 3.10 has delays by a plugin only")) struct Delays {
        @Test("a message with x-delay comes after one that was published later, and is confirmed at once")
        func delay() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let properties = BasicProperties(headers: ["x-delay": .int32(1500)], deliveryMode: 2)
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            // One right behind the other, however slow the machine is.
            try await channel.publish("later", key: queue, properties)
            try await channel.publish("now", key: queue)
            try await channel.awaitConfirms(from: 1, through: 2)
            try await channel.consume(queue, tag: "c", noAck: true)
            #expect(try await channel.nextDelivery().text == "now")
            let late = try await channel.nextDelivery()
            #expect(late.text == "later" && late.method.routingKey == queue && !late.method.redelivered)
            #expect(try late.properties.headers?["x-delay"] == .int64(-1500))
        }

        @Test("of a transaction, too")
        func transaction() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(TxSelect(), TxSelectOk.self)
            try await channel.publish("later", key: queue, BasicProperties(headers: ["x-delay": .int32(200)]))
            try await channel.publish("now", key: queue)
            try await channel.call(TxCommit(), TxCommitOk.self)
            try await channel.consume(queue, tag: "c", noAck: true)
            #expect(try await channel.nextDelivery().text == "now")
            #expect(try await channel.nextDelivery().text == "later")
        }

        @Test("digits are a delay, as clients that know strings only write it")
        func digits() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            let properties = BasicProperties(headers: ["x-delay": .string("3600000")])
            try await channel.publish("in an hour", key: queue, properties)
            try await channel.publish("now", key: queue)
            try await channel.awaitConfirms(from: 1, through: 2)
            #expect(try await channel.getMessage(queue).text == "now")
            #expect(try await channel.get(queue) == nil)
        }

        @Test("what no queue wants when its time comes stays until one does")
        func withoutRoute() async throws {
            let channel = try await WireClient.open().openChannel()
            let exchange = try await channel.declareExchange("direct")
            let properties = BasicProperties(headers: ["x-delay": .int32(1)], deliveryMode: 2)
            try await channel.publish("kept", to: exchange, key: "k", properties)
            // Marks the time: the message before was due when this one comes.
            let queue = try await channel.declareQueue()
            try await channel.publish("mark", key: queue, BasicProperties(headers: ["x-delay": .int32(20)]))
            try await channel.consume(queue, tag: "c", noAck: true)
            #expect(try await channel.nextDelivery().text == "mark")
            try await channel.bind(queue, to: exchange, "k")
            #expect(try await channel.nextDelivery().text == "kept")
        }

        @Test("what is no delay closes the channel")
        func refused() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.publish("m", key: "q", BasicProperties(headers: ["x-delay": .string("soon")]))
            try await channel.expectClose(
                .preconditionFailed,
                "PRECONDITION_FAILED - invalid header 'x-delay': expected the number of milliseconds, as an integer or in digits",
                cause: .basicPublish)
        }

        @Test("a returned message waits as its queue says, longer each time")
        func retry() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(
                arguments: [
                    "x-delayed-retry-type": .string("all"), "x-delayed-retry-list": .array([.int32(50), .int32(3000)]),
                ])
            // Marks the time: a message that comes 300 milliseconds after it was published.
            try await channel.publish("m", key: queue)
            try await channel.consume(queue, tag: "c")
            func give(back delivery: Received<BasicDeliver>) async throws {
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
                try await channel.publish("mark", key: queue, BasicProperties(headers: ["x-delay": .int32(300)]))
            }
            try await give(back: channel.nextDelivery())
            let again = try await channel.nextDelivery()
            #expect(again.text == "m" && again.method.redelivered)
            #expect(try await channel.nextDelivery().text == "mark")
            try await give(back: again)
            #expect(try await channel.nextDelivery().text == "mark")
            #expect(try await channel.nextDelivery().text == "m")
        }
    }
}
