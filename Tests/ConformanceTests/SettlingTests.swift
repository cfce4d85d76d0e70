import AMQPProtocol
import Testing

extension Conformance {
    /// basic.ack, nack, reject, recover: what happens to what was delivered.
    @Suite struct Settling {
        enum Settlement: String, CaseIterable {
            case ack, nack, reject

            func method(_ tag: UInt64) -> any AMQPMethod {
                switch self {
                case .ack: BasicAck(deliveryTag: tag)
                case .nack: BasicNack(deliveryTag: tag, requeue: false)
                case .reject: BasicReject(deliveryTag: tag, requeue: false)
                }
            }
        }

        private func expectUnknown(
            _ settlement: Settlement, _ tag: UInt64, _ channel: WireChannel,
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            func refuse(_ method: some AMQPMethod) async throws {
                try await channel.expectRefusal(
                    method, .preconditionFailed, "PRECONDITION_FAILED - unknown delivery tag \(tag)", at: location)
            }
            try await refuse(settlement.method(tag))
        }

        // MARK: Unknown tags

        @Test("an unknown tag is 406", arguments: Settlement.allCases)
        func unknown(settlement: Settlement) async throws {
            let channel = try await WireClient.open().openChannel()
            try await expectUnknown(settlement, 5, channel)
        }

        @Test("a tag that is settled already is 406", arguments: Settlement.allCases)
        func settledTwice(settlement: Settlement) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicAck(deliveryTag: 1))
            try await expectUnknown(settlement, 1, channel)
        }

        @Test("the tag of a delivery without acknowledgement is 406", arguments: Settlement.allCases)
        func noAck(settlement: Settlement) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue)
            _ = try await channel.getMessage(queue, noAck: true)
            try await expectUnknown(settlement, 1, channel)
        }

        @Test("tag 0 without multiple is 406", arguments: Settlement.allCases)
        func zero(settlement: Settlement) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue)
            _ = try await channel.getMessage(queue, noAck: false)
            try await expectUnknown(settlement, 0, channel)
        }

        @Test("tag 0 with multiple is fine, with nothing outstanding too")
        func zeroMultiple() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.send(BasicAck(deliveryTag: 0, multiple: true))
            try await channel.send(BasicNack(deliveryTag: 0, multiple: true, requeue: true))
            for text in ["a", "b"] { try await channel.publish(text, key: queue) }
            for _ in 0..<2 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.send(BasicAck(deliveryTag: 0, multiple: true))
            try await expectUnknown(.ack, 2, channel)
            #expect(try await channel.get(queue) == nil)
        }

        @Test("a tag that is not outstanding is 406 with multiple as well")
        func unknownMultiple() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.expectRefusal(
                BasicAck(deliveryTag: 9, multiple: true), .preconditionFailed,
                "PRECONDITION_FAILED - unknown delivery tag 9")
        }

        @Test("multiple settles all up to the tag, and no more")
        func multiple() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for number in 1...5 { try await channel.publish("\(number)", key: queue) }
            for _ in 1...5 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.send(BasicAck(deliveryTag: 2))
            try await channel.send(BasicAck(deliveryTag: 3, multiple: true))
            try await channel.send(BasicNack(deliveryTag: 0, multiple: true, requeue: true))
            #expect(try await channel.getMessage(queue).text == "4")
            #expect(try await channel.getMessage(queue).text == "5")
            #expect(try await channel.get(queue) == nil)
        }

        // MARK: Back to the queue

        @Test("what is requeued returns to its place, marked as redelivered")
        func requeueKeepsOrder() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for number in 1...6 { try await channel.publish("\(number)", key: queue) }
            for _ in 1...4 { _ = try await channel.getMessage(queue, noAck: false) }
            // In no order.
            for tag: UInt64 in [3, 1, 4] { try await channel.send(BasicReject(deliveryTag: tag, requeue: true)) }
            try await channel.send(BasicAck(deliveryTag: 2))
            var received: [String] = []
            while let message = try await channel.get(queue) {
                received.append("\(message.text) \(message.method.redelivered)")
            }
            #expect(received == ["1 true", "3 true", "4 true", "5 false", "6 false"])
        }

        @Test("what is requeued goes out again before what was never delivered")
        func requeueToConsumer() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for number in 1...4 { try await channel.publish("\(number)", key: queue) }
            try await channel.setPrefetch(2)
            try await channel.consume(queue)
            for number in 1...2 { #expect(try await channel.nextDelivery().text == "\(number)") }
            try await channel.send(BasicNack(deliveryTag: 2, multiple: true, requeue: true))
            for number in 1...2 {
                let delivery = try await channel.nextDelivery()
                #expect(delivery.text == "\(number)" && delivery.method.redelivered)
            }
        }

        @Test("a rejected message without requeue is gone")
        func reject() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for text in ["a", "b"] { try await channel.publish(text, key: queue) }
            for _ in 0..<2 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.send(BasicReject(deliveryTag: 1, requeue: false))
            try await channel.send(BasicNack(deliveryTag: 2, requeue: false))
            #expect(try await channel.get(queue) == nil)
        }

        @Test("what a closed channel held is back in its place, marked as redelivered")
        func closeRequeues() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel(1)
            let queue = try await channel.declareQueue()
            for number in 1...4 { try await channel.publish("\(number)", key: queue) }
            for _ in 1...2 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.close()
            let other = try await client.openChannel(2)
            for number in 1...4 {
                let message = try await other.getMessage(queue)
                #expect(message.text == "\(number)" && message.method.redelivered == (number <= 2))
            }
        }

        @Test("what a lost connection held is back in its place, marked as redelivered")
        func lostConnectionRequeues() async throws {
            let keeper = try await WireClient.open().openChannel()
            let queue = try await keeper.declareQueue(exclusive: false)
            try await keeper.publishConfirmed(["1", "2", "3"], key: queue)
            let lost = try await WireClient.open().openChannel()
            for _ in 1...2 { _ = try await lost.getMessage(queue, noAck: false) }
            try await keeper.consume(queue)
            #expect(try await keeper.nextDelivery().text == "3")
            try await lost.client.drop()
            for number in 1...2 {
                let delivery = try await keeper.nextDelivery()
                #expect(delivery.text == "\(number)" && delivery.method.redelivered)
            }
        }

        // MARK: Recover

        @Test("recover with requeue: recover-ok, and everything unacknowledged comes again")
        func recover() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for number in 1...3 { try await channel.publish("\(number)", key: queue) }
            for _ in 1...2 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.call(BasicRecover(requeue: true), BasicRecoverOk.self)
            for number in 1...3 {
                let message = try await channel.getMessage(queue)
                #expect(message.text == "\(number)" && message.method.redelivered == (number <= 2))
            }
        }

        @Test("recover-async does the same without an answer")
        func recoverAsync() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("?", key: queue)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicRecoverAsync(requeue: true))
            #expect(try await channel.getMessage(queue).method.redelivered)
        }

        @Test("recover without requeue is 540")
        func recoverWithoutRequeue() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicRecover(requeue: false))
            try await channel.client.expectClose(
                .notImplemented, "NOT_IMPLEMENTED - requeue=false", cause: .basicRecover)
        }

        @Test("recover-async without requeue is 540")
        func recoverAsyncWithoutRequeue() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.send(BasicRecoverAsync(requeue: false))
            try await channel.client.expectClose(
                .notImplemented, "NOT_IMPLEMENTED - requeue=false", cause: .basicRecoverAsync)
        }
    }
}
