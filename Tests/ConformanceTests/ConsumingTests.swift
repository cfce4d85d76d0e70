import AMQPProtocol
import Testing

extension Conformance {
    /// basic.consume, cancel and get: who gets what.
    @Suite struct Consuming {
        @Test("an empty tag is replaced by one of the broker's")
        func serverNamedTag() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            let first = try await channel.consume(queue)
            let second = try await channel.consume(queue)
            #expect(first.hasPrefix("amq.ctag-") && second.hasPrefix("amq.ctag-") && first != second)
        }

        @Test("a tag that is in use on the channel is 530")
        func tagTwice() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.consume(queue, tag: "mine")
            try await channel.send(BasicConsume(queue: queue, consumerTag: "mine"))
            try await channel.client.expectClose(
                .notAllowed, "NOT_ALLOWED - attempt to reuse consumer tag 'mine'", cause: .basicConsume)
        }

        @Test("the same tag on another channel is another consumer")
        func tagOnTwoChannels() async throws {
            let client = try await WireClient.open()
            let first = try await client.openChannel(1)
            let second = try await client.openChannel(2)
            let queue = try await first.declareQueue()
            for channel in [first, second] { try await channel.consume(queue, tag: "mine") }
            try await first.call(BasicCancel(consumerTag: "mine"), BasicCancelOk.self)
            try await second.publish("left", key: queue)
            #expect(try await second.nextDelivery().method.consumerTag == "mine")
        }

        @Test("cancel of an unknown tag is fine")
        func cancelUnknown() async throws {
            let channel = try await WireClient.open().openChannel()
            let answer = try await channel.call(BasicCancel(consumerTag: "nobody"), BasicCancelOk.self)
            #expect(answer.consumerTag == "nobody")
        }

        @Test("a cancelled consumer gets no more; what it holds stays unacknowledged")
        func cancel() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.consume(queue, tag: "mine")
            try await channel.publish("held", key: queue)
            let held = try await channel.nextDelivery()
            try await channel.call(BasicCancel(consumerTag: "mine"), BasicCancelOk.self)
            try await channel.publish("ready", key: queue)
            #expect(try await channel.getMessage(queue, noAck: false).text == "ready")
            try await channel.send(BasicNack(deliveryTag: held.method.deliveryTag, requeue: true))
            #expect(try await channel.getMessage(queue).text == "held")
        }

        // MARK: Exclusive consumers

        @Test("nobody may consume beside an exclusive consumer: 403")
        func besideExclusive() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(exclusive: false)
            try await channel.consume(queue, tag: "alone", exclusive: true)
            let other = try await WireClient.open().openChannel()
            try await other.expectRefusal(BasicConsume(queue: queue), .accessRefused, inUse(queue, other))
            try await channel.call(BasicCancel(consumerTag: "alone"), BasicCancelOk.self)
            try await other.consume(queue)
        }

        @Test("an exclusive consumer needs a queue without others: 403")
        func exclusiveBeside() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(exclusive: false)
            try await channel.consume(queue)
            let other = try await WireClient.open().openChannel()
            try await other.expectRefusal(
                BasicConsume(queue: queue, exclusive: true), .accessRefused, inUse(queue, other))
        }

        private func inUse(_ queue: String, _ channel: WireChannel) -> ExpectedText {
            "ACCESS_REFUSED - queue '\(queue)' in vhost '\(channel.virtualHost)' in exclusive use"
        }

        // MARK: Whose turn it is

        @Test("consumers of one priority take turns")
        func roundRobin() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for tag in ["a", "b", "c"] { try await channel.consume(queue, tag: tag, noAck: true) }
            var tags: [String] = []
            for number in 0..<6 {
                try await channel.publish("\(number)", key: queue)
                tags.append(try await channel.nextDelivery().method.consumerTag)
            }
            #expect(Set(tags.prefix(3)) == ["a", "b", "c"])
            #expect(tags.prefix(3) == tags.suffix(3))
        }

        @Test("the consumer of the highest priority that can take a message gets it")
        func priority() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.setPrefetch(1)
            for (tag, priority) in [("low", -5), ("high", 10), ("default", 0)] {
                try await channel.consume(
                    queue, tag: tag, priority == 0 ? [:] : ["x-priority": .int32(Int32(priority))])
            }
            var tags: [String] = []
            var deliveryTags: [UInt64] = []
            for number in 0..<3 {
                try await channel.publish("\(number)", key: queue)
                let delivery = try await channel.nextDelivery()
                tags.append(delivery.method.consumerTag)
                deliveryTags.append(delivery.method.deliveryTag)
            }
            #expect(tags == ["high", "default", "low"])
            // The high one is free again, and first again.
            try await channel.send(BasicAck(deliveryTag: deliveryTags[0]))
            try await channel.publish("3", key: queue)
            #expect(try await channel.nextDelivery().method.consumerTag == "high")
        }

        @Test("a priority that is no number is 406")
        func badPriority() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.expectRefusal(
                BasicConsume(queue: queue, arguments: ["x-priority": .string("high")]), .preconditionFailed,
                .starting(
                    "PRECONDITION_FAILED - invalid arg 'x-priority' for queue '\(queue)' in vhost "
                        + "'\(channel.virtualHost)': "))
        }

        // MARK: Deliveries

        @Test("deliveries are numbered from 1 on each channel, gets included")
        func deliveryTags() async throws {
            let client = try await WireClient.open()
            let first = try await client.openChannel(1)
            let second = try await client.openChannel(2)
            let queue = try await first.declareQueue()
            for text in ["a", "b", "c", "d"] { try await first.publish(text, key: queue) }
            #expect(try await first.getMessage(queue, noAck: false).method.deliveryTag == 1)
            #expect(try await first.getMessage(queue, noAck: true).method.deliveryTag == 2)
            try await second.setPrefetch(1)
            try await second.consume(queue)
            #expect(try await second.nextDelivery().method.deliveryTag == 1)
            #expect(try await first.getMessage(queue).method.deliveryTag == 3)
        }

        @Test("a delivery tells exchange and routing key; get-ok also how many are left")
        func getOk() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.bind(queue, to: "amq.topic", "\(queue).*")
            for text in ["a", "b", "c"] { try await channel.publish(text, to: "amq.topic", key: "\(queue).x") }
            #expect(
                try await channel.getMessage(queue).method
                    == BasicGetOk(
                        deliveryTag: 1, redelivered: false, exchange: "amq.topic", routingKey: "\(queue).x",
                        messageCount: 2))
        }

        @Test("messages arrive in the order in which they were published")
        func order() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for number in 0..<50 { try await channel.publish("\(number)", key: queue) }
            try await channel.consume(queue, noAck: true)
            for number in 0..<100 {
                if number < 50 { try await channel.publish("\(number + 50)", key: queue) }
                #expect(try await channel.nextDelivery().text == "\(number)")
            }
        }

        @Test("consume-ok comes before the first delivery")
        func consumeOkFirst() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("waiting", key: queue)
            // `consume` takes consume-ok as the next frame.
            let tag = try await channel.consume(queue)
            #expect(try await channel.nextDelivery().method.consumerTag == tag)
        }

        @Test("a consumer that is alone by x-single-active-consumer is followed by the next")
        func singleActiveConsumer() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(arguments: ["x-single-active-consumer": .boolean(true)])
            for tag in ["first", "second"] { try await channel.consume(queue, tag: tag, noAck: true) }
            for _ in 0..<3 {
                try await channel.publish("?", key: queue)
                #expect(try await channel.nextDelivery().method.consumerTag == "first")
            }
            try await channel.call(BasicCancel(consumerTag: "first"), BasicCancelOk.self)
            try await channel.publish("?", key: queue)
            #expect(try await channel.nextDelivery().method.consumerTag == "second")
        }
    }
}
