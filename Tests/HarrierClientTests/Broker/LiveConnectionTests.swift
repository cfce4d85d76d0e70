import HarrierClient
import Testing

@Suite(.enabled(if: LiveBroker.url != nil, LiveBroker.whySkipped), .timeLimit(.minutes(2)))
struct LiveConnectionTests {
    @Test func aWrongPasswordSaysSo() async throws {
        var configuration = try ConnectionConfiguration(url: try #require(LiveBroker.url))
        configuration.password += "?"
        let error = try await LiveBroker.error { () throws(AMQPClientError) in
            _ = try await HarrierConnection.connect(to: configuration)
        }
        #expect(error.code == .connectionClosedByServer)
        #expect(error.replyCode == .accessRefused)
    }

    @Test func anUnknownVirtualHostSaysSo() async throws {
        var configuration = try ConnectionConfiguration(url: try #require(LiveBroker.url))
        configuration.virtualHost = "no such place"
        let error = try await LiveBroker.error { () throws(AMQPClientError) in
            _ = try await HarrierConnection.connect(to: configuration)
        }
        #expect(error.code == .connectionClosedByServer)
        #expect(error.replyCode == .notAllowed)
    }

    @Test func aConnectionErrorReachesEveryWaiter() async throws {
        let connection = try await HarrierConnection.connect(to: try #require(LiveBroker.url))
        let channel = try await connection.openChannel()
        let bystander = try await connection.openChannel()
        let queue = try await bystander.declareQueue(exclusive: true)
        let deliveries = try await bystander.consume(queue.name)
        let error = try await LiveBroker.error { () throws(AMQPClientError) in
            try await channel.declareExchange("x", type: "no such type")
        }
        #expect(error.code == .connectionClosedByServer)
        #expect(error.replyCode == .commandInvalid)
        let other = try await LiveBroker.error { () throws(AMQPClientError) in
            var iterator = deliveries.makeAsyncIterator()
            _ = try await iterator.next()
        }
        #expect(other.code == .connectionClosedByServer)
        #expect(!connection.isOpen)
        await connection.close()
    }

    @Test func closingEndsEverythingInOrder() async throws {
        let connection = try await HarrierConnection.connect(to: try #require(LiveBroker.url))
        let channel = try await connection.openChannel()
        let queue = try await channel.declareQueue(exclusive: true)
        let deliveries = try await channel.consume(queue.name)
        async let count = deliveries.reduce(0) { count, _ in count + 1 }
        await connection.close()
        let received = try await count
        #expect(received == 0)
        let error = try await LiveBroker.error { () throws(AMQPClientError) in
            try await channel.publish("x".utf8, routingKey: queue.name)
        }
        #expect(error.code == .connectionClosed)
        await connection.close()
        await channel.close()
    }
}
