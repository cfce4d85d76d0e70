import AMQPProtocol
import Testing

extension Conformance {
    /// tx.select, commit, rollback.
    @Suite struct Transactions {
        @Test("commit and rollback without select are 406")
        func withoutSelect() async throws {
            let channel = try await WireClient.open().openChannel()
            let text: ExpectedText = "PRECONDITION_FAILED - channel is not transactional"
            try await channel.expectRefusal(TxCommit(), .preconditionFailed, text)
            try await channel.expectRefusal(TxRollback(), .preconditionFailed, text)
        }

        @Test("a transactional channel cannot confirm, a confirming one cannot be transactional: 406")
        func modes() async throws {
            let channel = try await WireClient.open().openChannel()
            try await channel.call(TxSelect(), TxSelectOk.self)
            try await channel.expectRefusal(
                ConfirmSelect(), .preconditionFailed, "PRECONDITION_FAILED - cannot switch from tx to confirm mode")
            try await channel.call(ConfirmSelect(), ConfirmSelectOk.self)
            try await channel.expectRefusal(
                TxSelect(), .preconditionFailed, "PRECONDITION_FAILED - cannot switch from confirm to tx mode")
        }

        @Test("select twice is fine")
        func selectTwice() async throws {
            let channel = try await WireClient.open().openChannel()
            for _ in 0..<2 { try await channel.call(TxSelect(), TxSelectOk.self) }
        }

        @Test("publishes are there after commit, not before, in order")
        func commitPublishes() async throws {
            let (channel, queue) = try await transactional()
            let watcher = try await channel.client.openChannel(2)
            for text in ["a", "b"] { try await channel.publish(text, key: queue) }
            #expect(try await watcher.messageCount(queue) == 0)
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await watcher.getMessage(queue).text == "a")
            #expect(try await watcher.getMessage(queue).text == "b")
            // The next transaction starts empty.
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await watcher.get(queue) == nil)
        }

        @Test(
            "a commit that a full queue would refuse a part of is 406, and nothing of it happens",
            .harrierOnly("RabbitMQ says 406 as well, and carries out the rest"))
        func fullQueue() async throws {
            let (channel, queue) = try await transactional()
            let full = try await channel.declareQueue(
                arguments: ["x-max-length": .int32(2), "x-overflow": .string("reject-publish")])
            try await channel.publish("in", key: queue)
            try await channel.call(TxCommit(), TxCommitOk.self)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicAck(deliveryTag: 1))
            for text in ["fits", "fits as well", "does not"] { try await channel.publish(text, key: full) }
            try await channel.expectRefusal(
                TxCommit(), .preconditionFailed,
                "PRECONDITION_FAILED - queue '\(full)' in vhost '/' is full: nothing of the transaction has been carried out"
            )
            #expect(try await channel.messageCount(full) == 0)
            let again = try await channel.getMessage(queue)
            #expect(again.text == "in" && again.method.redelivered)
        }

        @Test("rollback drops the publishes")
        func rollbackPublishes() async throws {
            let (channel, queue) = try await transactional()
            try await channel.publish("dropped", key: queue)
            try await channel.call(TxRollback(), TxRollbackOk.self)
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await channel.messageCount(queue) == 0)
        }

        @Test("acks take effect at commit: until then a lost channel gives the messages back")
        func acksNeedCommit() async throws {
            let (channel, queue) = try await transactional()
            for text in ["a", "b"] { try await channel.publish(text, key: queue) }
            try await channel.call(TxCommit(), TxCommitOk.self)
            _ = try await channel.getMessage(queue, noAck: false)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicAck(deliveryTag: 1))
            try await channel.call(TxCommit(), TxCommitOk.self)
            try await channel.send(BasicAck(deliveryTag: 2))
            try await channel.close()
            let other = try await channel.client.openChannel(2)
            let message = try await other.getMessage(queue)
            #expect(message.text == "b" && message.method.redelivered)
            #expect(try await other.get(queue) == nil)
        }

        @Test("after rollback what was acknowledged is outstanding again, and can be acknowledged again")
        func rollbackAcks() async throws {
            let (channel, queue) = try await transactional()
            for number in 1...3 { try await channel.publish("\(number)", key: queue) }
            try await channel.call(TxCommit(), TxCommitOk.self)
            for _ in 1...3 { _ = try await channel.getMessage(queue, noAck: false) }
            try await channel.send(BasicAck(deliveryTag: 2))
            try await channel.send(BasicReject(deliveryTag: 1, requeue: true))
            try await channel.call(TxRollback(), TxRollbackOk.self)
            #expect(try await channel.messageCount(queue) == 0)
            try await channel.send(BasicAck(deliveryTag: 3, multiple: true))
            try await channel.call(TxCommit(), TxCommitOk.self)
            try await channel.close()
            #expect(try await channel.client.openChannel(2).get(queue) == nil)
        }

        @Test("a nack with requeue takes effect at commit")
        func nackAtCommit() async throws {
            let (channel, queue) = try await transactional()
            try await channel.publish("?", key: queue)
            try await channel.call(TxCommit(), TxCommitOk.self)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicNack(deliveryTag: 1, requeue: true))
            #expect(try await channel.messageCount(queue) == 0)
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await channel.getMessage(queue).method.redelivered)
        }

        @Test("an ack of an unknown tag is 406 at the ack, not at the commit")
        func unknownTag() async throws {
            let (channel, _) = try await transactional()
            try await channel.expectRefusal(
                BasicAck(deliveryTag: 5), .preconditionFailed, "PRECONDITION_FAILED - unknown delivery tag 5")
        }

        @Test("a tag is 406 the second time in a transaction")
        func sameTagTwice() async throws {
            let (channel, queue) = try await transactional()
            try await channel.publish("?", key: queue)
            try await channel.call(TxCommit(), TxCommitOk.self)
            _ = try await channel.getMessage(queue, noAck: false)
            try await channel.send(BasicAck(deliveryTag: 1))
            try await channel.expectRefusal(
                BasicAck(deliveryTag: 1), .preconditionFailed, "PRECONDITION_FAILED - unknown delivery tag 1")
        }

        @Test("a publish that is refused is refused at once, and the transaction is gone with its channel")
        func refusedPublish() async throws {
            let (channel, queue) = try await transactional()
            let name = unique("exchange")
            try await channel.publish("dropped", key: queue)
            try await channel.publish("?", to: name, key: "")
            try await channel.expectClose(
                .notFound, "NOT_FOUND - no exchange '\(name)' in vhost '\(channel.virtualHost)'", cause: .basicPublish)
            #expect(try await channel.messageCount(queue) == 0)
        }

        @Test("a publish whose headers are no good is refused at once, too")
        func refusedHeaders() async throws {
            let (channel, queue) = try await transactional()
            try await channel.publish("dropped", key: queue)
            try await channel.publish("?", key: queue, BasicProperties(headers: ["CC": .boolean(true)]))
            try await channel.expectClose(
                .preconditionFailed,
                "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"CC\",bool}",
                cause: .basicPublish)
            #expect(try await channel.messageCount(queue) == 0)
        }

        @Test("a mandatory publish that is unroutable is returned at commit, before commit-ok")
        func mandatory() async throws {
            let (channel, _) = try await transactional()
            try await channel.publish("back", key: unique("nobody"), mandatory: true)
            try await channel.send(TxCommit())
            #expect(try await channel.nextReturn().text == "back")
            try await channel.next(TxCommitOk.self)
        }

        @Test("a publish across queues and exchanges is committed as one")
        func severalQueues() async throws {
            let (channel, queue) = try await transactional()
            let other = try await channel.declareQueue()
            let exchange = try await channel.declareExchange("fanout")
            for bound in [queue, other] { try await channel.bind(bound, to: exchange) }
            try await channel.publish("all", to: exchange, key: "")
            try await channel.publish("one", key: other)
            try await channel.call(TxCommit(), TxCommitOk.self)
            #expect(try await channel.getMessage(queue).text == "all")
            #expect(try await channel.getMessage(other).text == "all")
            #expect(try await channel.getMessage(other).text == "one")
        }

        private func transactional() async throws -> (channel: WireChannel, queue: String) {
            let channel = try await WireClient.open().openChannel()
            let queue = try await channel.declareQueue()
            try await channel.call(TxSelect(), TxSelectOk.self)
            return (channel, queue)
        }
    }
}
