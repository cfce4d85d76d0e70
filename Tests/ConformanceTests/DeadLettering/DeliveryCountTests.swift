import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// What counts towards the delivery limit of a quorum queue, and what redeliveries say of it.
    @Suite struct DeliveryCount {
        private static let nackCounts: Comment = "in RabbitMQ a nack counts as a failed delivery until 4.2"
        private static let acquisitions: Comment = "RabbitMQ has x-acquired-count since 4.3"

        /// How a message comes back to its queue.
        enum Return: String, CaseIterable {
            case nack, nackMultiple, reject, closedChannel, closedConnection, lostConnection

            /// Those that say that the message could not be dealt with.
            static let failures: [Return] = [.reject, .closedChannel, .closedConnection, .lostConnection]
            static let nacks: [Return] = [.nack, .nackMultiple]
        }

        /// What is left of a delivery's headers.
        struct Counts: Equatable {
            var acquired: Int64?
            var delivery: Int64?

            init(_ acquired: Int64?, _ delivery: Int64?) {
                (self.acquired, self.delivery) = (acquired, delivery)
            }
        }

        /// Takes the next message and gives it back, on a connection of its own.
        @discardableResult
        private func returnNext(
            of queue: String, _ way: Return, at location: SourceLocation = #_sourceLocation
        ) async throws -> Received<BasicDeliver> {
            let client = try await WireClient.open(at: location)
            let channel = try await client.openChannel(at: location)
            let delivery = try await channel.take(queue, at: location)
            let tag = delivery.method.deliveryTag
            switch way {
            case .nack: try await channel.send(BasicNack(deliveryTag: tag, requeue: true))
            case .nackMultiple: try await channel.send(BasicNack(deliveryTag: tag, multiple: true, requeue: true))
            case .reject: try await channel.send(BasicReject(deliveryTag: tag, requeue: true))
            case .closedChannel: try await channel.close(at: location)
            case .closedConnection: try await client.leave(at: location)
            case .lostConnection: try await client.drop()
            }
            // The end of a connection must not come before what was sent.
            if way != .closedConnection, way != .lostConnection { try await client.leave(at: location) }
            return delivery
        }

        private func counts(_ delivery: Received<BasicDeliver>) throws -> Counts {
            let headers = try delivery.headers
            return Counts(headers["x-acquired-count"]?.integerValue, headers["x-delivery-count"]?.integerValue)
        }

        private func queue(
            _ channel: WireChannel, _ arguments: FieldTable = [:], texts: [String] = ["m"]
        ) async throws -> String {
            let queue = try await channel.declareQueue(.quorum, arguments: arguments)
            try await channel.publishConfirmed(texts, key: queue, BasicProperties(deliveryMode: 2))
            return queue
        }

        // MARK: The headers

        @Test(
            "basic.reject with requeue, the end of a channel and the end of a connection add one to x-delivery-count",
            arguments: Return.failures)
        func failures(way: Return) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            for count in 0..<3 as Range<Int64> {
                let delivery = try await returnNext(of: queue, way)
                #expect(delivery.method.redelivered == (count > 0))
                #expect(try counts(delivery).delivery == (count == 0 ? nil : count))
            }
            try await channel.delete(queue)
        }

        @Test("they add one to x-acquired-count too", .harrierOnly(acquisitions), arguments: Return.failures)
        func acquiredFailures(way: Return) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            for count in 0..<3 as Range<Int64> {
                let delivery = try await returnNext(of: queue, way)
                #expect(try counts(delivery) == (count == 0 ? Counts(nil, nil) : Counts(count, count)))
            }
            try await channel.delete(queue)
        }

        @Test(
            "basic.nack with requeue adds one to x-acquired-count and nothing to x-delivery-count",
            .harrierOnly(nackCounts), arguments: Return.nacks)
        func nacks(way: Return) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            for count in 0..<3 as Range<Int64> {
                let delivery = try await returnNext(of: queue, way)
                #expect(delivery.method.redelivered == (count > 0))
                let counts = try counts(delivery)
                #expect(counts.acquired ?? 0 == count && counts.delivery ?? 0 == 0)
            }
            try await channel.delete(queue)
        }

        @Test("the ways of coming back add up", .harrierOnly(nackCounts))
        func together() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            let expected: [(Return, Counts)] = [
                (.reject, Counts(nil, nil)), (.nack, Counts(1, 1)), (.lostConnection, Counts(2, 1)),
                (.closedChannel, Counts(3, 2)), (.nack, Counts(4, 3)), (.reject, Counts(5, 3)),
                (.nack, Counts(6, 4)),
            ]
            for (way, before) in expected {
                #expect(try counts(try await returnNext(of: queue, way)) == before)
            }
            try await channel.delete(queue)
        }

        @Test("both counts are 64 bits wide", .harrierOnly(acquisitions))
        func width() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            try await returnNext(of: queue, .reject)
            let headers = try await channel.take(queue).headers
            #expect(headers["x-acquired-count"] == .int64(1) && headers["x-delivery-count"] == .int64(1))
            try await channel.delete(queue)
        }

        @Test("what basic.get gives has x-delivery-count, the first time too")
        func get() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel)
            for count in 0..<3 as Range<Int64> {
                let message = try await channel.getMessage(queue, noAck: false)
                #expect(try message.headers["x-delivery-count"] == .int64(count))
                #expect(message.method.redelivered == (count > 0))
                try await channel.send(BasicReject(deliveryTag: message.method.deliveryTag, requeue: true))
            }
            try await channel.delete(queue)
        }

        @Test("each message of a lost connection counts, and no other")
        func each() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel, texts: ["1", "2", "3"])
            let lost = try await WireClient.open()
            let consumer = try await lost.openChannel()
            try await consumer.setPrefetch(2)
            try await consumer.consume(queue)
            for number in 1...2 { #expect(try await consumer.nextDelivery().text == "\(number)") }
            try await channel.setPrefetch(0)
            try await channel.consume(queue)
            let untouched = try await channel.nextDelivery()
            #expect(untouched.text == "3" && !untouched.method.redelivered)
            #expect(try counts(untouched).delivery == nil)
            try await lost.drop()
            for number in 1...2 {
                let delivery = try await channel.nextDelivery()
                #expect(delivery.text == "\(number)" && delivery.method.redelivered)
                #expect(try counts(delivery).delivery == 1)
            }
            // On a connection that has no consumer to be told.
            try await WireClient.open().openChannel().delete(queue)
        }

        @Test("headers of the message's own stay beside the counts")
        func ownHeaders() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(.quorum)
            try await channel.publishConfirmed(["m"], key: queue, BasicProperties(headers: ["mine": .int32(7)]))
            try await returnNext(of: queue, .reject)
            let headers = try await channel.take(queue).headers
            #expect(headers["mine"] == .int32(7) && headers["x-delivery-count"] == .int64(1))
            try await channel.delete(queue)
        }

        @Test("a classic queue counts nothing and has no limit")
        func classic() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: queue)
            for _ in 1...25 {
                let delivery = try await channel.take(queue)
                #expect(try counts(delivery) == Counts(nil, nil))
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            #expect(try await channel.take(queue).text == "m")
            try await sink.expectNothing()
        }

        // MARK: The limit

        @Test("a failed delivery of any kind leads to the limit", arguments: Return.failures)
        func limit(way: Return) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await queue(channel, sink.arguments(["x-delivery-limit": .int32(1)]))
            try await returnNext(of: queue, way)
            #expect(try counts(try await returnNext(of: queue, way)).delivery == 1)
            let letter = try await sink.next()
            #expect(letter.text == "m")
            #expect(try letter.deathReason == "delivery_limit")
            try await channel.delete(queue)
        }

        @Test("limit 0: the first failed delivery is the last")
        func limitZero() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await queue(channel, sink.arguments(["x-delivery-limit": .int32(0)]))
            try await returnNext(of: queue, .reject)
            #expect(try await sink.next().deathReason == "delivery_limit")
            try await channel.delete(queue)
        }

        @Test("basic.nack with requeue never leads to the limit", .harrierOnly(nackCounts))
        func nackWithoutLimit() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await queue(channel, sink.arguments(["x-delivery-limit": .int32(2)]))
            for _ in 1...30 {
                let delivery = try await channel.take(queue)
                try await channel.send(BasicNack(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            #expect(try await channel.take(queue).headers["x-acquired-count"] == .int64(30))
            try await sink.expectNothing()
            try await channel.delete(queue)
        }

        @Test("a limit of -1 is none", .harrierOnly("RabbitMQ 3.10 has no limit unless there is one"))
        func unlimited() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await queue(channel, sink.arguments(["x-delivery-limit": .int32(-1)]))
            _ = try await takeAgain(queue, after: 30, channel)
            try await sink.expectNothing()
            try await channel.delete(queue)
        }

        @Test("a message beyond the limit without a dead-letter exchange is gone")
        func withoutExchange() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await queue(channel, ["x-delivery-limit": .int32(1)], texts: ["m", "next"])
            for _ in 1...2 { #expect(try await returnNext(of: queue, .reject).text == "m") }
            #expect(try await channel.take(queue).text == "next")
            try await channel.delete(queue)
        }

        @Test(
            "of an argument and a policy the smaller limit counts; if one is negative the other", .ownServer,
            arguments: [(1, 2, 1), (2, 1, 1), (-1, 2, 2), (2, -1, 2)] as [(Int64, Int64, Int)])
        func policy(argument: Int64, setting: Int64, effective: Int) async throws {
            try await BrokerUnderTest.withPolicies([".*": ["delivery-limit": .int64(setting)]]) { _ in
                let channel = try await WireClient.open().openChannel()
                let sink = try await DeadLetterSink.open()
                let queue = try await queue(channel, sink.arguments(["x-delivery-limit": .int64(argument)]))
                let last = try await takeAgain(queue, after: effective, channel)
                try await sink.expectNothing()
                try await channel.send(BasicReject(deliveryTag: last.method.deliveryTag, requeue: true))
                #expect(try await sink.next().deathReason == "delivery_limit")
            }
        }

        /// Rejects the message so often, and takes it once more.
        private func takeAgain(
            _ queue: String, after count: Int, _ channel: WireChannel
        ) async throws -> Received<BasicDeliver> {
            for _ in 0..<count {
                let delivery = try await channel.take(queue)
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            let last = try await channel.take(queue)
            #expect(try counts(last).delivery == Int64(count))
            return last
        }
    }
}
