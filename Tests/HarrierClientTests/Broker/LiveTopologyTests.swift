import HarrierClient
import Testing

@Suite(.enabled(if: LiveBroker.url != nil, LiveBroker.whySkipped), .timeLimit(.minutes(2)))
struct LiveTopologyTests {
    @Test func queuesExchangesAndBindings() async throws {
        try await LiveBroker.withQueue { channel, queue in
            let (source, middle) = (LiveBroker.uniqueName("source"), LiveBroker.uniqueName("middle"))
            try await channel.declareExchange(source, type: .topic, durable: false, autoDelete: false)
            try await channel.declareExchange(middle, type: .fanout, durable: false)
            try await channel.checkExchange(source)
            try await channel.bindExchange(middle, to: source, routingKey: "a.*")
            try await channel.bindQueue(queue, to: middle)
            try await channel.publishConfirmed("1".utf8, to: source, routingKey: "a.b")
            try await channel.unbindExchange(middle, from: source, routingKey: "a.*")
            try await channel.bindQueue(queue, to: source, routingKey: "#")
            try await channel.publishConfirmed("2".utf8, to: source, routingKey: "a.b")
            try await channel.unbindQueue(queue, from: source, routingKey: "#")
            try await channel.publishConfirmed("3".utf8, to: source, routingKey: "a.b", mandatory: false)
            #expect(try await channel.purgeQueue(queue) == 2)
            try await channel.deleteExchange(source, ifUnused: true)
            try await channel.deleteExchange(middle)
            #expect(try await channel.deleteQueue(queue, ifUnused: true, ifEmpty: true) == 0)
        }
    }

    @Test func aMissingQueueClosesTheChannelAndTellsEveryWaiter() async throws {
        try await LiveBroker.withChannel { channel in
            let keeper = try await channel.connection.openChannel()
            let queue = try await keeper.declareQueue(exclusive: true)
            let deliveries = try await channel.consume(queue.name)
            let consumer = Task { for try await _ in deliveries {} }
            let error = try await LiveBroker.error { () throws(AMQPClientError) in
                _ = try await channel.checkQueue("no-such-queue-anywhere")
            }
            #expect(error.code == .channelClosedByServer)
            #expect(error.replyCode == .notFound)
            #expect(error.replyText?.hasPrefix("NOT_FOUND - no queue 'no-such-queue-anywhere'") == true)
            #expect(error.method?.description == "queue.declare")
            await #expect(throws: AMQPClientError.self) { try await consumer.value }
            await keeper.close()
        }
    }

    @Test func transactionsCommitAndRollBack() async throws {
        try await LiveBroker.withQueue { channel, queue in
            try await channel.enableTransactions()
            try await channel.publish("1".utf8, routingKey: queue)
            try await channel.rollbackTransaction()
            try await channel.publish("2".utf8, routingKey: queue)
            try await channel.commitTransaction()
            let delivery = try #require(try await channel.get(from: queue, acknowledgement: .automatic))
            #expect(delivery.text == "2")
            #expect(delivery.remainingCount == 0)
        }
    }

    @Test func channelNumbersAreUsedAgain() async throws {
        var configuration = try ConnectionConfiguration(url: try #require(LiveBroker.url))
        configuration.channelMax = 2
        try await HarrierConnection.withConnection(to: configuration) { connection in
            let first = try await connection.openChannel()
            let second = try await connection.openChannel()
            let error = try await LiveBroker.error { () throws(AMQPClientError) in
                _ = try await connection.openChannel()
            }
            #expect(error.code == .tooManyChannels)
            await first.close()
            let third = try await connection.openChannel()
            _ = try? await second.checkQueue("no-such-queue-anywhere")
            let fourth = try await connection.openChannel()
            _ = try await third.declareQueue(exclusive: true)
            _ = try await fourth.declareQueue(exclusive: true)
            let late = try await LiveBroker.error { () throws(AMQPClientError) in
                _ = try await first.declareQueue(exclusive: true)
            }
            #expect(late.code == .channelClosed)
        }
    }
}
