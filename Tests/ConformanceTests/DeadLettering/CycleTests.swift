import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// Where a message that goes round in a circle stops.
    ///
    /// That something did not come back shows in what is sent behind it on the same way: that is next.
    @Suite struct Cycles {
        private static let mixedUp: Comment = "RabbitMQ 3.10 mixes up the order of three entries"

        /// Arguments of a queue whose messages expire to that exchange.
        private func expiring(to exchange: String) -> FieldTable {
            ["x-dead-letter-exchange": .string(exchange), "x-message-ttl": .int32(20)]
        }

        /// What is published to the queue comes to the sink once.
        private func expectOnce(
            _ channel: WireChannel, _ queue: String, at sink: DeadLetterSink,
            at location: SourceLocation = #_sourceLocation
        ) async throws {
            for text in ["m", "behind it", "and behind that"] {
                try await channel.publish(text, key: queue)
                #expect(try await sink.next(at: location).text == text, sourceLocation: location)
            }
            try await sink.expectNothing(at: location)
        }

        // MARK: Dropped

        @Test("Q -expired-> Q is dropped at the first hop", arguments: QueueKind.allCases)
        func expiredToItself(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await channel.declareQueue(kind, arguments: expiring(to: sink.exchange))
            try await channel.bind(queue, to: sink.exchange)
            try await expectOnce(channel, queue, at: sink)
            #expect(try await channel.get(queue) == nil)
            try await channel.delete(queue)
        }

        @Test("Q -maxlen-> Q is dropped at the first hop", arguments: QueueKind.allCases)
        func droppedToItself(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await channel.declareQueue(kind, arguments: sink.arguments(["x-max-length": .int32(1)]))
            try await channel.bind(queue, to: sink.exchange)
            try await channel.publishConfirmed(["1", "2", "3"], key: queue)
            for number in 1...2 { #expect(try await sink.next().text == "\(number)") }
            #expect(try await channel.take(queue).text == "3")
            #expect(try await channel.get(queue) == nil)
            try await sink.expectNothing()
            try await channel.delete(queue)
        }

        @Test("Q -delivery_limit-> Q is dropped at the first hop")
        func failedToItself() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await channel.declareQueue(
                .quorum, arguments: sink.arguments(["x-delivery-limit": .int32(1)]))
            try await channel.bind(queue, to: sink.exchange)
            try await channel.publishConfirmed(["m", "next"], key: queue)
            for _ in 1...2 {
                let delivery = try await channel.take(queue)
                #expect(delivery.text == "m")
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            #expect(try await sink.next().text == "m")
            #expect(try await channel.take(queue).text == "next")
            #expect(try await channel.get(queue) == nil)
            try await sink.expectNothing()
            try await channel.delete(queue)
        }

        @Test("Q -expired-> R -expired-> Q is dropped when it is back")
        func expiredTwice() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let there = try await channel.declareExchange("fanout")
            let first = try await channel.declareQueue(arguments: expiring(to: there))
            let second = try await channel.declareQueue(arguments: expiring(to: sink.exchange))
            try await channel.bind(second, to: there)
            try await channel.bind(first, to: sink.exchange)
            try await expectOnce(channel, first, at: sink)
        }

        @Test("only the target that closes the circle is dropped: others get the message, and it may die on from there")
        func others() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let queue = try await channel.declareQueue(arguments: expiring(to: sink.exchange))
            try await channel.bind(queue, to: sink.exchange)
            let last = try await DeadLetterSink.open()
            let onward = try await channel.declareQueue(arguments: expiring(to: last.exchange))
            try await channel.bind(onward, to: sink.exchange)
            try await channel.publish("m", key: queue)
            #expect(try await sink.next().deaths.map { $0["queue"] } == [.string(queue)])
            #expect(try await last.next().deaths.map { $0["queue"] } == [.string(onward), .string(queue)])
        }

        @Test("a rejection before the last time at the target does not break the circle", .harrierOnly(mixedUp))
        func rejectedBefore() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let back = try await channel.declareExchange("fanout")
            let first = try await channel.declareQueue(arguments: expiring(to: back))
            let second = try await channel.declareQueue(arguments: expiring(to: sink.exchange))
            try await channel.bind(second, to: back)
            try await channel.bind(first, to: sink.exchange)
            let start = try await channel.declareQueue(
                arguments: [
                    "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(first),
                ])
            for text in ["m", "behind it"] {
                try await channel.publish(text, key: start)
                try await channel.rejectNext(of: start)
                let letter = try await sink.next()
                #expect(letter.text == text)
                #expect(
                    try letter.deaths.map { $0["queue"] } == [.string(second), .string(first), .string(start)])
            }
            try await sink.expectNothing()
        }

        // MARK: Not dropped

        @Test("Q -rejected-> Q goes on for ever", arguments: QueueKind.allCases)
        func rejectedToItself(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(kind, arguments: ["x-dead-letter-exchange": .string("")])
            try await channel.publishConfirmed(["m"], key: queue)
            for round in 0..<5 as Range<Int64> {
                let letter = try await channel.rejectNext(of: queue)
                #expect(letter.text == "m")
                #expect(try letter.deaths.map { $0["count"] } == (round == 0 ? [] : [.int64(round)]))
            }
            try await channel.delete(queue)
        }

        @Test("Q -rejected-> R -expired-> Q, a retry after a while, goes on for ever", arguments: QueueKind.allCases)
        func retry(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let (work, wait) = (unique("queue"), unique("queue"))
            _ = try await channel.declareQueue(
                kind, work,
                arguments: ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string(wait)])
            _ = try await channel.declareQueue(
                kind, wait, arguments: expiring(to: "").adding(["x-dead-letter-routing-key": .string(work)]))
            try await channel.publishConfirmed(["m"], key: work)
            for round in 0..<5 as Range<Int64> {
                let letter = try await channel.rejectNext(of: work)
                #expect(letter.text == "m")
                #expect(
                    try letter.deaths.map { $0["count"] } == (round == 0 ? [] : [.int64(round), .int64(round)]))
            }
            try await channel.delete(work, wait)
        }

        @Test("any rejection since the last time at the target breaks the circle", .harrierOnly(mixedUp))
        func rejectedBetween() async throws {
            let channel = try await WireClient.open().openChannel()
            let (first, second, third) = (unique("queue"), unique("queue"), unique("queue"))
            func next(_ queue: String) -> FieldTable { ["x-dead-letter-routing-key": .string(queue)] }
            _ = try await channel.declareQueue(first, arguments: expiring(to: "").adding(next(second)))
            _ = try await channel.declareQueue(
                second, arguments: next(third).adding(["x-dead-letter-exchange": .string("")]))
            _ = try await channel.declareQueue(third, arguments: expiring(to: "").adding(next(first)))
            try await channel.publish("m", key: first)
            for round in 1...3 as ClosedRange<Int64> {
                let letter = try await channel.rejectNext(of: second)
                #expect(letter.text == "m")
                #expect(try letter.lastDeath["queue"] == .string(first))
                #expect(try letter.lastDeath["count"] == .int64(round))
            }
        }
    }
}
