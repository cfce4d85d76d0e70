import AMQPProtocol
import Testing

extension Conformance.DeadLettering {
    /// What makes a dead letter, with which reason, and what does not.
    @Suite struct Triggers {
        // MARK: rejected

        enum Refusal: String, CaseIterable {
            case reject, nack, nackMultiple

            func send(_ tag: UInt64, on channel: WireChannel) async throws {
                switch self {
                case .reject: try await channel.send(BasicReject(deliveryTag: tag, requeue: false))
                case .nack: try await channel.send(BasicNack(deliveryTag: tag, requeue: false))
                case .nackMultiple:
                    try await channel.send(BasicNack(deliveryTag: tag, multiple: true, requeue: false))
                }
            }
        }

        @Test(
            "basic.reject and basic.nack without requeue: reason rejected",
            arguments: Refusal.allCases, QueueKind.allCases)
        func rejected(refusal: Refusal, kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(kind, arguments: sink.arguments())
            try await channel.publishConfirmed(["m"], key: work)
            try await refusal.send(try await channel.take(work).method.deliveryTag, on: channel)
            let letter = try await sink.next()
            #expect(letter.text == "m")
            #expect(try letter.deathReason == "rejected")
            try await channel.delete(work)
        }

        @Test("basic.nack of many makes a dead letter of each")
        func rejectedTogether() async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(arguments: sink.arguments())
            for number in 1...4 { try await channel.publish("\(number)", key: work) }
            for _ in 1...4 { _ = try await channel.getMessage(work, noAck: false) }
            try await channel.send(BasicNack(deliveryTag: 3, multiple: true, requeue: false))
            for number in 1...3 { #expect(try await sink.next().text == "\(number)") }
            #expect(try await channel.get(work) == nil)
            try await sink.expectNothing()
        }

        @Test("what is requeued, or returned by a channel that closes, is no dead letter")
        func requeued() async throws {
            let sink = try await DeadLetterSink.open()
            let client = try await WireClient.open()
            let channel = try await client.openChannel(1)
            let work = try await channel.declareQueue(arguments: sink.arguments())
            try await channel.publish("m", key: work)
            let rejected = try await channel.take(work)
            try await channel.send(BasicReject(deliveryTag: rejected.method.deliveryTag, requeue: true))
            let nacked = try await channel.take(work)
            try await channel.send(BasicNack(deliveryTag: nacked.method.deliveryTag, requeue: true))
            _ = try await channel.take(work)
            try await channel.close()
            let other = try await client.openChannel(2)
            #expect(try await other.take(work).deaths.isEmpty)
            try await sink.expectNothing()
        }

        // MARK: expired

        @Test(
            "a message TTL that has run out, the queue's or the message's own: reason expired",
            arguments: [true, false], QueueKind.allCases)
        func expired(ofQueue: Bool, kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                kind, arguments: sink.arguments(ofQueue ? ["x-message-ttl": .int32(20)] : [:]))
            try await channel.publishConfirmed(
                ["m"], key: work, ofQueue ? BasicProperties() : BasicProperties(expiration: "20"))
            let letter = try await sink.next()
            #expect(letter.text == "m")
            #expect(try letter.deathReason == "expired")
            try await channel.delete(work)
        }

        enum Removal: String, CaseIterable {
            case purge, delete, queueTTL, autoDelete, exclusive
        }

        @Test(
            "purge, delete, queue TTL, auto-delete and the end of an exclusive queue make no dead letters",
            arguments: Removal.allCases)
        func removed(removal: Removal) async throws {
            let sink = try await DeadLetterSink.open()
            let client = try await WireClient.open()
            let channel = try await client.openChannel()
            let observer = try await WireClient.open().openChannel()
            // Goes with the queue, and whoever looks for it does not use the queue.
            let shadow = try await channel.declareExchange("fanout", autoDelete: true)
            let work = try await channel.declareQueue(
                exclusive: removal == .exclusive, autoDelete: removal == .autoDelete,
                arguments: sink.arguments(removal == .queueTTL ? ["x-expires": .int32(1000)] : [:]))
            try await channel.bind(work, to: shadow)
            try await channel.publishConfirmed(["1", "2", "3"], key: work)
            switch removal {
            case .purge: #expect(try await channel.call(QueuePurge(queue: work), QueuePurgeOk.self).messageCount == 3)
            case .delete:
                #expect(try await channel.call(QueueDelete(queue: work), QueueDeleteOk.self).messageCount == 3)
            case .queueTTL: break
            case .autoDelete: _ = try await channel.take(work)
            case .exclusive:
                #expect(try await channel.messageCount(work) == 3)
                try await client.leave()
            }
            if removal != .purge { try await observer.expectGone(exchange: shadow) }
            try await sink.expectNothing()
            if removal == .purge { try await channel.delete(work) }
        }

        // MARK: maxlen

        @Test(
            "max-length drops the oldest: reason maxlen, head first", arguments: QueueKind.allCases)
        func tooMany(kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(kind, arguments: sink.arguments(["x-max-length": .int32(2)]))
            try await channel.publishConfirmed((1...5).map { "\($0)" }, key: work)
            for number in 1...3 {
                let letter = try await sink.next()
                #expect(letter.text == "\(number)")
                #expect(try letter.deathReason == "maxlen")
            }
            #expect(try await channel.take(work).text == "4")
            try await sink.expectNothing()
            try await channel.delete(work)
        }

        @Test("max-length-bytes drops the oldest: the reason is maxlen too", arguments: QueueKind.allCases)
        func tooManyBytes(kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                kind, arguments: sink.arguments(["x-max-length-bytes": .int32(10)]))
            try await channel.publishConfirmed(["first", "other", "third"], key: work)
            let letter = try await sink.next()
            #expect(letter.text == "first")
            #expect(try letter.deathReason == "maxlen")
            #expect(try await channel.take(work).text == "other")
            try await sink.expectNothing()
            try await channel.delete(work)
        }

        @Test("max-length-bytes counts bodies, and nothing of properties and headers", arguments: QueueKind.allCases)
        func bodyBytes(kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                kind, arguments: sink.arguments(["x-max-length-bytes": .int32(10)]))
            let long = BasicProperties(
                headers: ["much": .string(String(repeating: "x", count: 1000))],
                messageID: String(repeating: "y", count: 200))
            try await channel.publishConfirmed(["first", "other"], key: work, long)
            #expect(try await channel.messageCount(work) == 2)
            try await sink.expectNothing()
            try await channel.delete(work)
        }

        @Test("limits count what is ready, and requeueing goes over one as a publish does", arguments: [true, false])
        func readyOnly(inBytes: Bool) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                arguments: sink.arguments(
                    inBytes ? ["x-max-length-bytes": .int32(5)] : ["x-max-length": .int32(1)]))
            try await channel.publishConfirmed(["taken"], key: work)
            let taken = try await channel.take(work)
            try await channel.publish("ready", key: work)
            try await channel.awaitConfirms(from: 2, through: 2)
            #expect(try await channel.messageCount(work) == 1)
            try await sink.expectNothing()
            try await channel.send(BasicReject(deliveryTag: taken.method.deliveryTag, requeue: true))
            let letter = try await sink.next()
            #expect(letter.text == "taken", "the head is what goes")
            #expect(try letter.deathReason == "maxlen")
            #expect(try await channel.getMessage(work).text == "ready")
        }

        @Test("reject-publish refuses what would go over the limit of bytes, however few are there")
        func refusedBytes() async throws {
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                arguments: ["x-max-length-bytes": .int32(10), "x-overflow": .string("reject-publish")])
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.publish("eleven byte", key: work)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 1)
            try await channel.publish("six by", key: work)
            try await channel.awaitConfirms(from: 2, through: 2)
            try await channel.publish("six by", key: work)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 3)
            try await channel.publish("four", key: work)
            try await channel.awaitConfirms(from: 4, through: 4)
        }

        @Test("reject-publish-dlx: the publisher is nacked, and the refused message is a dead letter")
        func refusedPublish() async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                arguments: sink.arguments([
                    "x-max-length": .int32(1), "x-overflow": .string("reject-publish-dlx"),
                ]))
            try await channel.publishConfirmed(["fits"], key: work)
            try await channel.publish("does not", key: work)
            #expect(try await channel.next(BasicNack.self).deliveryTag == 2)
            let letter = try await sink.next()
            #expect(letter.text == "does not")
            let death = try letter.lastDeath
            #expect(death["reason"] == .string("maxlen") && death["queue"] == .string(work))
            #expect(death["count"] == .int64(1) && death["routing-keys"] == .array([.string(work)]))
            #expect(try await channel.messageCount(work) == 1)
            #expect(try await channel.getMessage(work).text == "fits")
        }

        @Test("reject-publish without -dlx: the refused message is gone", arguments: QueueKind.allCases)
        func refusedPublishWithoutDeadLetter(kind: QueueKind) async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                kind,
                arguments: sink.arguments(["x-max-length": .int32(1), "x-overflow": .string("reject-publish")]))
            // A quorum queue of RabbitMQ's takes some more before it has told everyone that it is full.
            try await channel.publishConfirmed(["fits"], key: work)
            var tag: UInt64 = 1
            while true {
                tag += 1
                try await channel.publish("does not", key: work)
                let frame = try await channel.client.nextFrame()
                if frame.method?.arguments(as: BasicNack.self)?.deliveryTag == tag { break }
                try #require(kind == .quorum && frame.method?.arguments(as: BasicAck.self)?.deliveryTag == tag)
            }
            try await sink.expectNothing()
            try await channel.delete(work)
        }

        // MARK: delivery_limit

        @Test("a message that fails more often than the limit of its quorum queue: reason delivery_limit")
        func deliveryLimit() async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(
                .quorum, arguments: sink.arguments(["x-delivery-limit": .int32(2)]))
            let properties = BasicProperties(headers: ["mine": .int32(7)], deliveryMode: 2, messageID: "id")
            try await channel.publishConfirmed(["poison"], key: work, properties)
            // The third that fails is one more than the limit.
            for _ in 1...3 {
                try await sink.expectNothing()
                let delivery = try await channel.take(work)
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            let letter = try await sink.next()
            #expect(letter.text == "poison")
            let death = try letter.lastDeath
            #expect(death["reason"] == .string("delivery_limit") && death["queue"] == .string(work))
            #expect(try letter.headers["mine"] == .int32(7) && letter.headers["x-delivery-count"] == nil)
            #expect(try letter.properties.messageID == "id")
            try await channel.delete(work)
        }

        @Test("the limit is 20 if none is named", .harrierOnly("RabbitMQ has a default limit since 4.0"))
        func defaultDeliveryLimit() async throws {
            let sink = try await DeadLetterSink.open()
            let channel = try await WireClient.open().openChannel()
            let work = try await channel.declareQueue(.quorum, arguments: sink.arguments())
            try await channel.publishConfirmed(["poison"], key: work)
            for _ in 1...20 {
                let delivery = try await channel.take(work)
                try await channel.send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: true))
            }
            let last = try await channel.take(work)
            try await sink.expectNothing()
            try await channel.send(BasicReject(deliveryTag: last.method.deliveryTag, requeue: true))
            let letter = try await sink.next()
            #expect(letter.text == "poison")
            #expect(try letter.deathReason == "delivery_limit")
            try await channel.delete(work)
        }
    }
}
