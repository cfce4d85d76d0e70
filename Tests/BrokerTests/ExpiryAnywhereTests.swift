import AMQPProtocol
import Testing

@testable import Broker

/// Messages expire where they stand, not only at the heads of their queues.
@Suite struct ExpiryAnywhereTests {
    private func later(_ broker: BrokerFixture, milliseconds: UInt64) {
        broker.clock.advance(milliseconds: milliseconds)
        broker.core.runTimers()
        broker.core.endBurst()
    }

    private func properties(_ milliseconds: Int? = nil) -> BasicProperties {
        BasicProperties(deliveryMode: 2, expiration: milliseconds.map { "\($0)" })
    }

    private func bodies(_ broker: BrokerFixture, _ name: String) throws -> [String] {
        let channel = RecordingChannel()
        try broker.consume(try broker.host.existingQueue(name), on: channel)
        return channel.bodies
    }

    /// A message without an end and one of a second behind it, both with a consumer.
    private func handOut(_ broker: BrokerFixture) throws -> (Queue, RecordingChannel, Consumer) {
        let queue = try broker.queue("q")
        try broker.publish("for ever", key: "q", properties())
        try broker.publish("a second", key: "q", properties(1000))
        broker.core.endBurst()
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        try #require(channel.bodies == ["for ever", "a second"])
        return (queue, channel, consumer)
    }

    @Test("a message behind one that lives on goes in time, and to the dead-letter exchange")
    func behindTheHead() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue(
            "q", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
        let dead = try broker.queue("dead")
        try broker.publish("for ever", key: "q", properties())
        try broker.publish("a second", key: "q", properties(1000))
        try broker.publish("half a second", key: "q", properties(500))
        try broker.publish("a minute", key: "q", properties(60_000))
        broker.core.endBurst()
        later(broker, milliseconds: 480)
        #expect(queue.readyCount == 4)
        later(broker, milliseconds: 40)
        #expect(queue.readyCount == 3 && dead.readyCount == 1)
        later(broker, milliseconds: 500)
        #expect(queue.readyCount == 2 && dead.readyCount == 2)
        #expect(try bodies(broker, "dead") == ["half a second", "a second"])
        #expect(try bodies(broker, "q") == ["for ever", "a minute"])
    }

    @Test("what is handed out goes when it comes back, not before")
    func handedOut() throws {
        let broker = try BrokerFixture()
        let (queue, channel, consumer) = try handOut(broker)
        later(broker, milliseconds: 2000)
        #expect(queue.unacknowledgedCount == 2)
        queue.remove(consumer)
        for delivery in channel.received { queue.requeue(delivery.entry, from: consumer, as: .returned) }
        broker.core.endBurst()
        #expect(try bodies(broker, "q") == ["for ever"])
        #expect(queue.overdue.isEmpty)
    }

    @Test("what is acknowledged after its time is gone, and nothing else")
    func acknowledgedLate() throws {
        let broker = try BrokerFixture()
        let (queue, channel, consumer) = try handOut(broker)
        later(broker, milliseconds: 2000)
        for delivery in channel.received.dropFirst() { queue.acknowledge(delivery.entry, from: consumer) }
        later(broker, milliseconds: 2000)
        #expect(queue.overdue.isEmpty && queue.unacknowledgedCount == 1)
    }

    @Test("deadlines are there after a start", arguments: StorageFixture.Stop.allCases)
    func afterAStart(stop: StorageFixture.Stop) throws {
        let fixture = try StorageFixture()
        try fixture.queue("q")
        for number in 0..<200 {
            try fixture.publish("\(number)", key: "q", expiration: number % 2 == 0 ? nil : 1000 + number)
        }
        fixture.settle()
        try fixture.stop(stop)
        fixture.clock.advance(milliseconds: 1100)
        fixture.core.runTimers()
        fixture.settle()
        let queue = try fixture.host.existingQueue("q")
        // Sixteen milliseconds are the wheel's tick.
        #expect((150...158).contains(queue.readyCount))
        fixture.clock.advance(milliseconds: 200)
        fixture.core.runTimers()
        fixture.settle()
        #expect(try fixture.take(queue, count: 200).map(\.body) == (0..<100).map { "\($0 * 2)" })
    }

    @Test(
        "messages that are paged out expire as well, with and without a dead-letter exchange", arguments: [true, false])
    func pagedOut(hasDeadLetters: Bool) throws {
        let fixture = try StorageFixture()
        var arguments: FieldTable = [:]
        if hasDeadLetters {
            arguments = ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")]
        }
        let queue = try fixture.queue("q", arguments)
        let dead = try fixture.queue("dead")
        for number in 0..<4000 {
            try fixture.publish(
                "message \(number)", key: "q", expiration: number == 0 ? nil : 10_000 + number * 7919 % 5000)
            if number % 100 == 0 { fixture.settle() }
        }
        fixture.settle()
        fixture.clock.advance(milliseconds: 20_000)
        fixture.core.runTimers()
        fixture.settle()
        #expect(queue.readyCount == 1)
        #expect(dead.readyCount == (hasDeadLetters ? 3999 : 0))
        #expect(try fixture.take(queue, count: 2).map(\.body) == ["message 0"])
    }

    @Test("timers do not pile up while the wheel has something")
    func timers() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish("for ever", key: "q", properties())
        try broker.publish("an hour", key: "q", properties(3_600_000))
        // Each earlier than all before it.
        for number in 0..<100 { try broker.publish("\(number)", key: "q", properties(20_000 - number * 100)) }
        broker.core.endBurst()
        for _ in 0..<300 { later(broker, milliseconds: 100) }
        #expect(queue.readyCount == 2)
        #expect(broker.core.timers.count <= 2)
    }

    @Test("what is due at once goes in turns")
    func turns() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish("for ever", key: "q", properties())
        for _ in 0..<2500 { try broker.publish("a second", key: "q", properties(1000)) }
        broker.core.endBurst()
        broker.clock.advance(milliseconds: 1100)
        var left: [Int] = []
        while broker.core.nextDeadlineNanoseconds.map({ $0 <= broker.clock.nanoseconds + 1_000_000 }) ?? false {
            broker.clock.advance(milliseconds: 1)
            broker.core.runTimers()
            broker.core.endBurst()
            left.append(queue.readyCount)
        }
        // To deal them out takes a turn as well.
        #expect(left.drop { $0 == 2501 }.prefix(3) == [1501, 501, 1])
    }

    @Test("a queue whose messages expire in their order is not watched")
    func inOrder() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-message-ttl": .int32(1000)])
        for number in 0..<100 {
            try broker.publish("\(number)", key: "q", properties())
            broker.clock.advance(milliseconds: 1)
            broker.core.endBurst()
        }
        #expect(broker.core.deadlines.count == 0)
        later(broker, milliseconds: 1100)
        #expect(queue.readyCount == 0)
    }
}
