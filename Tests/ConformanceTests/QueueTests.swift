import AMQPProtocol
import Testing

extension Conformance {
    /// queue.declare, purge, delete: names, existence, ownership.
    @Suite struct Queues {
        /// What refers to a queue that is not there.
        enum Use: String, CaseIterable {
            case passiveDeclare, purge, bind, consume, get
        }

        @Test("use of a missing queue is 404", arguments: Use.allCases)
        func missing(use: Use) async throws {
            let channel = try await WireClient.open().openChannel()
            let name = unique("queue")
            let text: ExpectedText = "NOT_FOUND - no queue '\(name)' in vhost '\(channel.virtualHost)'"
            switch use {
            case .passiveDeclare:
                try await channel.expectRefusal(QueueDeclare(queue: name, passive: true), .notFound, text)
            case .purge: try await channel.expectRefusal(QueuePurge(queue: name), .notFound, text)
            case .bind: try await channel.expectRefusal(QueueBind(queue: name, exchange: "amq.direct"), .notFound, text)
            case .consume: try await channel.expectRefusal(BasicConsume(queue: name), .notFound, text)
            case .get: try await channel.expectRefusal(BasicGet(queue: name), .notFound, text)
            }
        }

        @Test("delete of a missing queue is fine")
        func deleteMissing() async throws {
            let channel = try await WireClient.open().openChannel()
            let answer = try await channel.call(QueueDelete(queue: unique("queue")), QueueDeleteOk.self)
            #expect(answer.messageCount == 0)
        }

        // MARK: Names

        @Test("an empty name asks the broker for one, beginning with amq.gen-")
        func serverNamed() async throws {
            let channel = try await WireClient.open().openChannel()
            let first = try await channel.declareQueue("")
            let second = try await channel.declareQueue("")
            #expect(first.hasPrefix("amq.gen-") && second.hasPrefix("amq.gen-") && first != second)
        }

        @Test("an empty name elsewhere means the queue last declared on the channel")
        func lastDeclared() async throws {
            let channel = try await WireClient.open().openChannel()
            let first = try await channel.declareQueue()
            let second = try await channel.declareQueue()
            try await channel.publish("a", key: second)
            try await channel.publish("b", key: second)
            #expect(try await channel.getMessage("").text == "a")
            #expect(try await channel.call(QueuePurge(), QueuePurgeOk.self).messageCount == 1)
            try await channel.call(QueueBind(exchange: "amq.fanout"), QueueBindOk.self)
            try await channel.call(QueueUnbind(exchange: "amq.fanout"), QueueUnbindOk.self)
            try await channel.call(QueueDeclare(queue: first, passive: true), QueueDeclareOk.self)
            try await channel.publish("c", key: first)
            try await channel.consume("", noAck: true)
            #expect(try await channel.nextDelivery().method.routingKey == first)
        }

        @Test("bind with neither queue nor key uses the queue's name as the key")
        func lastDeclaredAsKey() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(QueueBind(exchange: "amq.direct"), QueueBindOk.self)
            try await channel.publish("by name", to: "amq.direct", key: queue)
            #expect(try await channel.getMessage(queue).text == "by name")
            try await channel.call(QueueUnbind(exchange: "amq.direct"), QueueUnbindOk.self)
            try await channel.publish("nowhere", to: "amq.direct", key: queue, mandatory: true)
            #expect(try await channel.nextReturn().text == "nowhere")
        }

        @Test("an empty name where none was declared is 404", arguments: Use.allCases)
        func noneDeclared(use: Use) async throws {
            let channel = try await WireClient.open().openChannel()
            let text: ExpectedText = "NOT_FOUND - no previously declared queue"
            switch use {
            case .passiveDeclare:
                // Here alone it would not mean the last one either.
                try await channel.expectRefusal(
                    QueueDeclare(passive: true), .notFound,
                    "NOT_FOUND - no queue '' in vhost '\(channel.virtualHost)'")
            case .purge: try await channel.expectRefusal(QueuePurge(), .notFound, text)
            case .bind: try await channel.expectRefusal(QueueBind(exchange: "amq.direct"), .notFound, text)
            case .consume: try await channel.expectRefusal(BasicConsume(), .notFound, text)
            case .get: try await channel.expectRefusal(BasicGet(), .notFound, text)
            }
        }

        @Test("a name that starts with amq. is reserved: 403")
        func reservedName() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.expectRefusal(
                QueueDeclare(queue: "amq.mine"), .accessRefused,
                "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'")
        }

        @Test("a server-named queue cannot be declared again by its name, other than passively: 403")
        func redeclareServerNamed() async throws {
            let channel = try await WireClient.open().openChannel()
            let name = try await channel.declareQueue("")
            try await channel.expectRefusal(
                QueueDeclare(queue: name, exclusive: true), .accessRefused,
                "ACCESS_REFUSED - queue name '\(name)' contains reserved prefix 'amq.*'")
            #expect(try await channel.messageCount(name) == 0)
        }

        @Test("a name may have 255 bytes of any text")
        func longName() async throws {
            let channel = try await WireClient.open().openChannel()
            let name = unique("ü-漢-🐇") + String(repeating: "x", count: 200)
            Leftovers.shared.add(String(name.prefix(200)))
            let queue = try await channel.declareQueue(String(name.prefix(200)))
            try await channel.publish("there", key: queue)
            #expect(try await channel.getMessage(queue).method.routingKey == queue)
        }

        // MARK: Declare

        @Test("declare tells messages that are ready, and consumers")
        func counts() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for text in ["a", "b", "c"] { try await channel.publish(text, key: queue) }
            _ = try await channel.getMessage(queue, noAck: false)
            let answer = try await channel.call(QueueDeclare(queue: queue, passive: true), QueueDeclareOk.self)
            #expect(answer == QueueDeclareOk(queue: queue, messageCount: 2, consumerCount: 0))
            try await channel.setPrefetch(1)
            try await channel.consume(queue)
            _ = try await channel.nextDelivery()
            let again = try await channel.call(QueueDeclare(queue: queue, passive: true), QueueDeclareOk.self)
            #expect(again == QueueDeclareOk(queue: queue, messageCount: 1, consumerCount: 1))
        }

        @Test("purge drops what is ready and leaves what is unacknowledged")
        func purge() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for text in ["a", "b", "c"] { try await channel.publish(text, key: queue) }
            let held = try await channel.getMessage(queue, noAck: false)
            #expect(try await channel.call(QueuePurge(queue: queue), QueuePurgeOk.self).messageCount == 2)
            try await channel.send(BasicReject(deliveryTag: held.method.deliveryTag, requeue: true))
            #expect(try await channel.getMessage(queue).text == "a")
            #expect(try await channel.get(queue) == nil)
        }

        // MARK: Delete

        @Test("delete tells how many messages went")
        func delete() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            for text in ["a", "b"] { try await channel.publish(text, key: queue) }
            #expect(try await channel.call(QueueDelete(queue: queue), QueueDeleteOk.self).messageCount == 2)
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, passive: true), .notFound,
                "NOT_FOUND - no queue '\(queue)' in vhost '\(channel.virtualHost)'")
        }

        @Test("delete if-empty of a queue with messages is 406")
        func deleteIfEmpty() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.publish("a", key: queue)
            try await channel.expectRefusal(
                QueueDelete(queue: queue, ifEmpty: true), .preconditionFailed,
                "PRECONDITION_FAILED - queue '\(queue)' in vhost '\(channel.virtualHost)' not empty")
            try await channel.call(QueuePurge(queue: queue), QueuePurgeOk.self)
            try await channel.call(QueueDelete(queue: queue, ifEmpty: true), QueueDeleteOk.self)
        }

        @Test("delete if-unused of a queue with a consumer is 406")
        func deleteIfUnused() async throws {
            let client = try await WireClient.open()
            let consumer = try await client.openChannel(1)
            let channel = try await client.openChannel(2)
            let queue = try await consumer.declareQueue()
            try await consumer.consume(queue, tag: "c")
            try await channel.expectRefusal(
                QueueDelete(queue: queue, ifUnused: true), .preconditionFailed,
                "PRECONDITION_FAILED - queue '\(queue)' in vhost '\(channel.virtualHost)' in use")
            try await consumer.call(BasicCancel(consumerTag: "c"), BasicCancelOk.self)
            try await channel.call(QueueDelete(queue: queue, ifUnused: true), QueueDeleteOk.self)
        }

        @Test("delete cancels consumers, and tells those who can be told")
        func deleteCancelsConsumers() async throws {
            let owner = try await WireClient.open().openChannel()
            let queue = try await owner.declareQueue(exclusive: false)
            let told = try await WireClient.open().openChannel()
            let untold = try await WireClient.open(capabilities: [:]).openChannel()
            try await told.consume(queue, tag: "told")
            try await untold.consume(queue, tag: "untold")
            try await owner.call(QueueDelete(queue: queue), QueueDeleteOk.self)
            let cancel = try await told.next(BasicCancel.self)
            #expect(cancel == BasicCancel(consumerTag: "told", noWait: true))
            try await untold.expectQuiet()
        }

        // MARK: Whose queue it is

        @Test("any use of another connection's exclusive queue is 405", arguments: Use.allCases)
        func lockedUse(use: Use) async throws {
            let owner = try await WireClient.open().openChannel()
            let other = try await WireClient.open().openChannel()
            let queue = try await owner.declareQueue()
            let text = locked(queue, other)
            switch use {
            case .passiveDeclare:
                try await other.expectRefusal(QueueDeclare(queue: queue, passive: true), .resourceLocked, text)
            case .purge: try await other.expectRefusal(QueuePurge(queue: queue), .resourceLocked, text)
            case .bind:
                try await other.expectRefusal(QueueBind(queue: queue, exchange: "amq.direct"), .resourceLocked, text)
            case .consume: try await other.expectRefusal(BasicConsume(queue: queue), .resourceLocked, text)
            case .get: try await other.expectRefusal(BasicGet(queue: queue), .resourceLocked, text)
            }
        }

        @Test("another connection can neither redeclare, unbind nor delete an exclusive queue: 405")
        func lockedChange() async throws {
            let owner = try await WireClient.open().openChannel()
            let other = try await WireClient.open().openChannel()
            let queue = try await owner.declareQueue()
            try await owner.bind(queue, to: "amq.direct")
            let text = locked(queue, other)
            try await other.expectRefusal(QueueDeclare(queue: queue), .resourceLocked, text)
            try await other.expectRefusal(QueueDeclare(queue: queue, exclusive: true), .resourceLocked, text)
            try await other.expectRefusal(QueueUnbind(queue: queue, exchange: "amq.direct"), .resourceLocked, text)
            try await other.expectRefusal(QueueDelete(queue: queue), .resourceLocked, text)
        }

        @Test("a shared queue cannot become exclusive: 405")
        func sharedIntoExclusive() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(exclusive: false)
            try await channel.expectRefusal(
                QueueDeclare(queue: queue, exclusive: true), .resourceLocked, locked(queue, channel))
        }

        @Test("others may publish to an exclusive queue")
        func publishToLocked() async throws {
            let owner = try await WireClient.open().openChannel()
            let other = try await WireClient.open().openChannel()
            let queue = try await owner.declareQueue()
            try await other.publishConfirmed(["from outside"], key: queue)
            #expect(try await owner.getMessage(queue).text == "from outside")
        }

        @Test("an exclusive queue goes with its connection", arguments: [true, false])
        func exclusiveGoes(inOrder: Bool) async throws {
            let owner = try await WireClient.open()
            let queue = try await owner.openChannel().declareQueue()
            if inOrder { try await owner.close() } else { try await owner.drop() }
            let other = try await WireClient.open().openChannel()
            try await other.expectGone(queue)
        }

        @Test("an auto-delete queue goes with its last consumer, not before it had one")
        func autoDelete() async throws {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue(exclusive: false, autoDelete: true)
            for tag in ["a", "b"] { try await channel.consume(queue, tag: tag) }
            try await channel.call(BasicCancel(consumerTag: "a"), BasicCancelOk.self)
            #expect(try await channel.messageCount(queue) == 0)
            try await channel.call(BasicCancel(consumerTag: "b"), BasicCancelOk.self)
            try await channel.expectGone(queue)
        }

        @Test("an auto-delete queue goes with the channel of its last consumer")
        func autoDeleteWithChannel() async throws {
            let client = try await WireClient.open()
            let channel = try await client.openChannel(1)
            let queue = try await channel.declareQueue(exclusive: false, autoDelete: true)
            try await channel.consume(queue)
            try await channel.close()
            try await client.openChannel(2).expectGone(queue)
        }

        private func locked(_ queue: String, _ channel: WireChannel) -> ExpectedText {
            """
            RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '\(queue)' in vhost \
            '\(channel.virtualHost)'. It could be originally declared on another connection or the exclusive property \
            value does not match that of the original declaration.
            """
        }
    }
}

extension WireChannel {
    /// The queue is no longer there. RabbitMQ takes a moment to notice the end of a connection.
    func expectGone(_ queue: String, at location: SourceLocation = #_sourceLocation) async throws {
        while true {
            try await send(QueueDeclare(queue: queue, passive: true))
            let frame = try await client.nextFrame()
            if frame.method?.arguments(as: QueueDeclareOk.self) != nil { continue }
            let close = try #require(
                frame.method?.arguments(as: ChannelClose.self), "\(frame)", sourceLocation: location)
            try await send(ChannelCloseOk())
            try await call(ChannelOpen(), ChannelOpenOk.self, at: location)
            if close.replyCode == .resourceLocked { continue }
            #expect(close.replyCode == .notFound, "\(close.replyText)", sourceLocation: location)
            return
        }
    }
}
