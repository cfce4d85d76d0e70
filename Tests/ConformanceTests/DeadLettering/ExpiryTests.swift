import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// When messages expire. `Triggers` shows that they are dead letters then.
    @Suite struct Expiry {
        private static let anywhere: Comment = "RabbitMQ 3.10 looks at the head of a queue only"

        // MARK: The deadline

        @Test(
            "the smaller of the queue's TTL and the message's expiration counts", arguments: [true, false],
            QueueKind.allCases)
        func smaller(ofQueue: Bool, kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(
                kind, arguments: sink.arguments(["x-message-ttl": .int32(ofQueue ? 20 : 600_000)]))
            try await channel.publishConfirmed(
                ["m"], key: work, BasicProperties(expiration: ofQueue ? "600000" : "20"))
            #expect(try await sink.next().text == "m")
            try await channel.delete(work)
        }

        @Test("what is unacknowledged does not expire; requeued it has the deadline that it had")
        func requeued() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments(["x-message-ttl": .int32(1000)]))
            let taken = try await channel.publishAndTake("taken", key: work)
            // Younger, and so past its time only when the other is too.
            try await channel.publish("left", key: work)
            #expect(try await sink.next().text == "left")
            try await sink.expectNothing()
            try await channel.publish("young", key: work)
            try await channel.send(BasicReject(deliveryTag: taken.method.deliveryTag, requeue: true))
            #expect(try await channel.getMessage(work).text == "young")
            let letter = try await sink.next()
            #expect(letter.text == "taken")
            #expect(try letter.deathReason == "expired")
        }

        @Test("a message that is requeued before its deadline expires on time")
        func requeuedInTime() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments(["x-message-ttl": .int32(200)]))
            let taken = try await channel.publishAndTake("m", key: work)
            try await channel.send(BasicReject(deliveryTag: taken.method.deliveryTag, requeue: true))
            #expect(try await sink.next().text == "m")
        }

        @Test("a change of the TTL leaves the deadlines of messages that are there", .ownServer)
        func changedTimeToLive() async throws {
            try await BrokerUnderTest.withPolicies(["^work$": ["message-ttl": .int64(1000)]]) { broker in
                let channel = try await WireClient.open().openChannel()
                let sink = try await DeadLetterSink.open()
                let work = try await channel.declareQueue("work", arguments: sink.arguments())
                // It has a second: on a busy machine it may be over before anybody could see it there.
                try await channel.publish("short", key: work)
                try await broker.setPolicies(["^work$": ["message-ttl": .int64(600_000)]])
                #expect(try await sink.next().text == "short")
                try await channel.publish("long", key: work)
                #expect(try await channel.messageCount(work) == 1)
                try await broker.setPolicies(["^work$": ["message-ttl": .int64(20)]])
                try await channel.publish("brief", key: work)
                #expect(try await sink.next().text == "brief")
                #expect(try await channel.take(work).text == "long")
            }
        }

        @Test("an expiration may be 0 to ten years; more is 406")
        func range() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("never", key: work, BasicProperties(expiration: "315360000000"))
            #expect(try await channel.getMessage(work).text == "never")
            try await channel.publish("at once", key: work, BasicProperties(expiration: "0"))
            #expect(try await sink.next().text == "at once")
            try await channel.publish("?", key: work, BasicProperties(expiration: "315360000001"))
            try await channel.expectClose(
                .preconditionFailed, .starting("PRECONDITION_FAILED - invalid expiration '315360000001': "),
                cause: .basicPublish)
        }

        // MARK: Which messages

        @Test("what has expired is not delivered any more")
        func notDelivered() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            for number in 1...20 {
                try await channel.publish("\(number)", key: work, BasicProperties(expiration: "\(number * 3)"))
            }
            try await channel.publish("stays", key: work)
            var expired: Set<String> = []
            for _ in 1...20 { expired.insert(try await sink.next().text) }
            #expect(expired == Set((1...20).map { "\($0)" }))
            let delivery = try await channel.take(work)
            #expect(delivery.text == "stays" && !delivery.method.redelivered)
            #expect(try await channel.get(work) == nil)
        }

        @Test("messages with one TTL die in their order", arguments: QueueKind.allCases)
        func order(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(kind, arguments: sink.arguments(["x-message-ttl": .int32(30)]))
            try await channel.publishConfirmed((1...10).map { "\($0)" }, key: work)
            for number in 1...10 { #expect(try await sink.next().text == "\(number)") }
            try await channel.delete(work)
        }

        @Test(
            "a message behind one that lives on expires on time, and no longer counts", .harrierOnly(anywhere),
            arguments: QueueKind.allCases)
        func behind(kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(kind, arguments: sink.arguments())
            try await channel.publish("stays", key: work)
            try await channel.publish("long", key: work, BasicProperties(expiration: "600000"))
            try await channel.publish("short", key: work, BasicProperties(expiration: "60"))
            try await channel.publish("shorter", key: work, BasicProperties(expiration: "20"))
            #expect(try await [sink.next().text, sink.next().text].sorted() == ["short", "shorter"])
            #expect(try await channel.messageCount(work) == 2)
            #expect(try await channel.take(work).text == "stays")
            try await channel.delete(work)
        }

        @Test("a message behind one that is unacknowledged expires on time", .harrierOnly(anywhere))
        func behindUnacknowledged() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            for text in ["taken", "stays"] { try await channel.publish(text, key: work) }
            let taken = try await channel.take(work)
            try await channel.publish("short", key: work, BasicProperties(expiration: "20"))
            #expect(try await sink.next().text == "short")
            try await channel.send(BasicReject(deliveryTag: taken.method.deliveryTag, requeue: true))
            #expect(try await channel.getMessage(work).text == "taken")
            #expect(try await channel.getMessage(work).text == "stays")
        }

        @Test("a message of a lower priority expires on time", .harrierOnly(anywhere))
        func lowerPriority() async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(arguments: sink.arguments(["x-max-priority": .int32(5)]))
            try await channel.publish("stays", key: work, BasicProperties(priority: 1))
            try await channel.publish("short", key: work, BasicProperties(priority: 1, expiration: "20"))
            try await channel.publish("high", key: work, BasicProperties(priority: 5))
            #expect(try await sink.next().text == "short")
            #expect(try await channel.getMessage(work).text == "high")
            #expect(try await channel.getMessage(work).text == "stays")
        }

        // MARK: TTL 0

        @Test("TTL 0: a consumer that is ready gets the message", arguments: [true, false])
        func zeroDelivered(ofQueue: Bool) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(
                arguments: sink.arguments(ofQueue ? ["x-message-ttl": .int32(0)] : [:]))
            try await channel.consume(work)
            try await channel.publish(
                "at once", key: work, ofQueue ? BasicProperties() : BasicProperties(expiration: "0"))
            #expect(try await channel.nextDelivery().text == "at once")
            #expect(try await channel.get(work) == nil)
            try await sink.expectNothing()
        }

        @Test("TTL 0: without a consumer the message expires at once", arguments: [true, false], QueueKind.allCases)
        func zeroExpired(ofQueue: Bool, kind: QueueKind) async throws {
            let channel = try await WireClient.open().openChannel()
            let sink = try await DeadLetterSink.open()
            let work = try await channel.declareQueue(
                kind, arguments: sink.arguments(ofQueue ? ["x-message-ttl": .int32(0)] : [:]))
            try await channel.publishConfirmed(
                ["too late"], key: work, ofQueue ? BasicProperties() : BasicProperties(expiration: "0"))
            let letter = try await sink.next()
            #expect(letter.text == "too late")
            #expect(try letter.deathReason == "expired")
            try await channel.delete(work)
        }
    }
}

extension WireChannel {
    /// Publishes to a queue that has a consumer meanwhile, so that the message can't expire before it is taken.
    fileprivate func publishAndTake(_ text: String, key queue: String) async throws -> Received<BasicDeliver> {
        try await setPrefetch(1)
        let tag = try await consume(queue)
        try await publish(text, key: queue)
        let delivery = try await nextDelivery()
        try await call(BasicCancel(consumerTag: tag), BasicCancelOk.self)
        return delivery
    }
}
