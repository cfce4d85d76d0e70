import AMQPProtocol
import Testing

@testable import Broker

@Suite struct ExpiryAndLimitTests {
    private func expiring(_ milliseconds: Int) -> BasicProperties {
        var properties = BasicProperties()
        properties.expiration = "\(milliseconds)"
        return properties
    }

    @Test("a message expires at the lesser of its own and the queue's TTL, and is dead-lettered")
    func timeToLive() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        let queue = try broker.queue(
            "q",
            [
                "x-message-ttl": .int32(1000), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string("dead"),
            ])
        try broker.publish("short", key: "q", expiring(200))
        try broker.publish("long", key: "q", expiring(5000))
        broker.core.endBurst()
        broker.advance(milliseconds: 199)
        #expect(queue.readyCount == 2)
        broker.advance(milliseconds: 1)
        #expect(queue.readyCount == 1)
        broker.advance(milliseconds: 800)
        #expect(queue.readyCount == 0)

        let channel = RecordingChannel()
        try broker.consume(try broker.queue("dead"), on: channel)
        #expect(channel.bodies == ["short", "long"])
        let headers = channel.received[0].headers
        let death = try #require(headers["x-death"]?.arrayValue?.first?.tableValue)
        #expect(
            death.entries.map(\.name) == [
                "original-expiration", "count", "reason", "queue", "time", "exchange", "routing-keys",
            ])
        #expect(death["count"] == .int64(1))
        #expect(death["reason"] == .string("expired"))
        #expect(death["queue"] == .string("q"))
        #expect(death["original-expiration"] == .string("200"))
        #expect(death["routing-keys"] == .array([.string("q")]))
        #expect(headers["x-first-death-queue"] == .string("q"))
    }

    @Test("TTL 0 reaches a consumer that is ready, and expires otherwise")
    func zero() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-message-ttl": .int32(0)])
        try broker.publish("lost", key: "q")
        broker.core.endBurst()
        #expect(queue.readyCount == 0)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        try broker.publish("taken", key: "q")
        broker.core.endBurst()
        #expect(channel.bodies == ["taken"])
    }

    @Test("a queue that nobody uses goes after x-expires; a consumer holds it")
    func expires() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-expires": .int32(500)])
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        broker.advance(milliseconds: 5000)
        #expect(try broker.host.queue(named: "q") != nil)
        queue.remove(consumer)
        broker.advance(milliseconds: 499)
        #expect(try broker.host.queue(named: "q") != nil)
        broker.advance(milliseconds: 1)
        #expect(try broker.host.queue(named: "q") == nil)
    }

    @Test("max-length drops from the head, with reason maxlen")
    func maxLength() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        let queue = try broker.queue(
            "q",
            [
                "x-max-length": .int32(2), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string("dead"),
            ])
        for body in ["a", "b", "c", "d"] { try broker.publish(body, key: "q") }
        broker.core.endBurst()
        #expect(queue.readyCount == 2)
        let channel = RecordingChannel()
        try broker.consume(try broker.queue("dead"), on: channel)
        #expect(channel.bodies == ["a", "b"])
        #expect(channel.received[0].headers["x-first-death-reason"] == .string("maxlen"))
        #expect(channel.received[0].exchange.isEmpty)
    }

    @Test("reject-publish refuses what is too much, but not what a consumer takes at once")
    func rejectPublish() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        #expect(try broker.publish("a", key: "q") == .enqueued(mustBeDurable: false))
        #expect(try broker.publish("b", key: "q") == .rejected)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, autoAck: true)
        for body in ["c", "d", "e"] {
            #expect(try broker.publish(body, key: "q") == .enqueued(mustBeDurable: false))
        }
        broker.core.endBurst()
        #expect(channel.bodies == ["a", "c", "d", "e"])
    }

    @Test("a round of expiries ends at the queue it came from; a rejection on the way lets it go on")
    func cycles() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue(
            "q",
            [
                "x-message-ttl": .int32(10), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string("retry"),
            ])
        let retry = try broker.queue(
            "retry",
            [
                "x-message-ttl": .int32(10), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string("q"),
            ])
        try broker.publish("expired twice", key: "q")
        broker.core.endBurst()
        broker.advance(milliseconds: 10)
        #expect(retry.readyCount == 1)
        broker.advance(milliseconds: 10)
        #expect(queue.readyCount + retry.readyCount == 0)

        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        try broker.publish("rejected", key: "q")
        broker.core.endBurst()
        queue.reject(try #require(channel.received.last).entry, from: nil)
        broker.core.endBurst()
        broker.advance(milliseconds: 10)
        #expect(channel.bodies == ["rejected", "rejected"])
    }
}
