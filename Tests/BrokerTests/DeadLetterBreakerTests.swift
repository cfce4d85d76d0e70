import AMQPProtocol
import Definitions
import Logging
import SegmentLog
import Testing

@testable import Broker

/// Deliveries of a queue are paused when its consumers reject too much.
@Suite struct DeadLetterBreakerTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    /// `work`, whose dead letters come to `dead`, with a breaker, and so many messages.
    private func filled(
        _ count: Int, _ keys: FieldTable, _ arguments: FieldTable = [:]
    ) throws -> (BrokerFixture, Queue) {
        let broker = try BrokerFixture()
        try broker.apply(keys, to: "^work$")
        try broker.queue("dead")
        var all: FieldTable = ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")]
        for entry in arguments.entries { all[entry.name] = entry.value }
        let queue = try broker.queue("work", all)
        for number in 0..<count {
            let priority = UInt8(number % 4)
            try broker.publish("\(number)", key: "work", BasicProperties(deliveryMode: 2, priority: priority))
        }
        broker.core.endBurst()
        return (broker, queue)
    }

    private static let tenASecond: FieldTable = [
        "dead-letter-breaker-rate": .int32(10), "dead-letter-breaker-window": .int32(1000),
    ]

    /// Rejects what comes until nothing does, or it is so many.
    private func rejectAll(_ channel: RecordingChannel, _ broker: BrokerFixture, atMost limit: Int = .max) -> Int {
        var count = 0
        while let delivery = channel.received.first, count < limit {
            channel.received.removeFirst()
            delivery.consumer.queue.reject(delivery.entry, from: delivery.consumer)
            count += 1
            broker.core.endBurst()
        }
        return count
    }

    @Test("a flood of rejections pauses deliveries, whoever the consumers are, and the rest stays", arguments: [0, 1])
    func opens(singleActive: Int) throws {
        let (broker, queue) = try filled(
            100, Self.tenASecond, ["x-single-active-consumer": .boolean(singleActive == 1)])
        let (first, second) = (RecordingChannel(), RecordingChannel())
        try broker.consume(queue, on: first, tag: "a", prefetch: 1)
        try broker.consume(queue, on: second, tag: "b", prefetch: 2)
        var rejected = 0
        while case let more = rejectAll(first, broker, atMost: 1) + rejectAll(second, broker, atMost: 1), more > 0 {
            rejected += more
        }
        // Ten are too many; what had been handed out by then goes as well.
        #expect((10...12).contains(rejected))
        #expect(queue.readyCount == 100 - rejected)
        #expect(try broker.host.existingQueue("dead").readyCount == rejected)
        #expect(queue.breakerState?.isOpen == true && queue.breakerState?.rejectedCount == UInt64(rejected))
        let logged = broker.log.lines("deliveries of a queue are paused")
        #expect(logged.count == 1 && logged.first?.metadata["queue"] == "work" && logged.first?.level == .warning)
        // Nothing that usually brings messages does.
        let third = RecordingChannel()
        let consumer = try broker.consume(queue, on: third, tag: "c")
        try broker.publish("new", key: "work")
        queue.resume(consumer)
        broker.advance(milliseconds: 86_400_000)
        #expect(first.received.isEmpty && second.received.isEmpty && third.received.isEmpty)
        if case .empty = queue.get(isAutoAcknowledging: true, waiter: NoWaiter()) {} else { Issue.record("got one") }
        #expect(queue.readyCount == 101 - rejected && queue.consumerCount == 3)
    }

    @Test("deliveries go on when somebody asks for it, in order, with whoever is there then")
    func resume() throws {
        let (broker, queue) = try filled(30, Self.tenASecond)
        let (gone, stays, new) = (RecordingChannel(), RecordingChannel(), RecordingChannel())
        let leaving = try broker.consume(queue, on: gone, tag: "gone", prefetch: 1)
        try broker.consume(queue, on: stays, tag: "stays", prefetch: 1, priority: 5)
        #expect(throws: BreakerError.notOpen) { try queue.resumeDeliveries(by: "guest") }
        while rejectAll(stays, broker, atMost: 1) + rejectAll(gone, broker, atMost: 1) > 0 {}
        try broker.consume(queue, on: new, tag: "new", prefetch: 3)
        queue.remove(leaving)
        try queue.resumeDeliveries(by: "guest")
        broker.core.endBurst()
        #expect(stays.received.count == 1 && new.received.count == 3 && gone.received.isEmpty)
        let bodies = (stays.bodies + new.bodies).compactMap { Int($0) }
        #expect(bodies == bodies.sorted() && queue.breakerState?.isOpen == false)
        #expect(broker.log.lines("deliveries of a queue go on").first?.metadata["reason"]?.contains("guest") == true)
        // Credit that comes back brings messages again.
        new.acknowledgeAll()
        broker.core.endBurst()
        #expect(new.received.count == 3)
        #expect(throws: BreakerError.notOpen) { try queue.resumeDeliveries(by: "guest") }
    }

    @Test("they go on by themselves if the policy says so, and are paused again if it goes on")
    func resumesAlone() throws {
        var keys = Self.tenASecond
        keys["dead-letter-breaker-resume"] = .int32(30_000)
        let (broker, queue) = try filled(100, keys)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        #expect(rejectAll(channel, broker) == 10)
        let resumes = try #require(queue.breakerState?.resumesAtMilliseconds)
        #expect(resumes == broker.clock.milliseconds + 30_000)
        broker.advance(milliseconds: 29_000)
        #expect(channel.received.isEmpty)
        broker.advance(milliseconds: 1000)
        #expect(channel.received.count == 1)
        #expect(rejectAll(channel, broker) == 10 && queue.breakerState?.isOpen == true)
        #expect(broker.log.lines("deliveries of a queue").count == 3)
    }

    @Test("below the rate nothing happens, however long it lasts")
    func slow() throws {
        let (broker, queue) = try filled(100, Self.tenASecond)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        for _ in 0..<10 {
            #expect(rejectAll(channel, broker, atMost: 9) == 9)
            broker.advance(milliseconds: 1000)
        }
        #expect(queue.breakerState?.isOpen == false && queue.readyCount == 9)
    }

    @Test("with a percentage, acknowledged messages count against it", arguments: [(1, true), (3, false)])
    func percent(acknowledged: Int, opens: Bool) throws {
        var keys = Self.tenASecond
        keys["dead-letter-breaker-percent"] = .int32(40)
        let (broker, queue) = try filled(200, keys)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        for _ in 0..<30 where queue.breakerState?.isOpen == false {
            for _ in 0..<acknowledged {
                channel.acknowledgeAll()
                broker.core.endBurst()
            }
            _ = rejectAll(channel, broker, atMost: 1)
        }
        #expect(queue.breakerState?.isOpen == opens)
    }

    @Test("what expires or has no room does not count; deliveries over the limit do")
    func reasons() throws {
        let (broker, queue) = try filled(50, Self.tenASecond, ["x-delivery-limit": .int32(0)])
        try broker.apply(["max-length": .int32(20)], to: "^none$", name: "other")
        for number in 0..<30 {
            try broker.publish("\(number)", key: "work", BasicProperties(deliveryMode: 2, expiration: "1"))
        }
        broker.core.endBurst()
        for _ in 0..<5 { broker.advance(milliseconds: 100) }
        #expect(queue.deathCounts.named(isDeadLetter: true).map(\.reason) == ["expired"])
        #expect(queue.breakerState?.isOpen == false)
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel, prefetch: 1)
        var failed = 0
        while let delivery = channel.received.first {
            channel.received.removeFirst()
            queue.requeue(delivery.entry, from: consumer, as: .failed)
            broker.core.endBurst()
            failed += 1
        }
        #expect(failed == 10 && queue.breakerState?.isOpen == true)
    }

    @Test("another policy lets deliveries go on; a restart does")
    func policyGoes() throws {
        let (broker, queue) = try filled(50, Self.tenASecond)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        _ = rejectAll(channel, broker)
        try broker.apply(["max-length": .int32(1000)], to: "^work$")
        #expect(channel.received.count == 1 && queue.breakerState == nil)
        #expect(rejectAll(channel, broker) == 40)
        try broker.apply(Self.tenASecond, to: "^work$")
        try broker.restart()
        #expect(try broker.host.existingQueue("work").breakerState?.isOpen == false)
    }

    @Test("limits and times to live go on while deliveries are paused")
    func limits() throws {
        let (broker, queue) = try filled(20, Self.tenASecond, ["x-max-length": .int32(15)])
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        _ = rejectAll(channel, broker)
        #expect(queue.breakerState?.isOpen == true)
        for number in 0..<30 { try broker.publish("\(number)", key: "work", BasicProperties(deliveryMode: 2)) }
        broker.core.endBurst()
        #expect(queue.readyCount == 15 && channel.received.isEmpty)
        #expect(queue.purge() == 15)
    }

    @Test(
        "what can't be is refused",
        arguments: [
            (["dead-letter-breaker-percent": .int32(5)], "dead-letter-breaker-percent: means nothing without"),
            (["dead-letter-breaker-rate": .int32(0)], "dead-letter-breaker-rate: expected an integer from 1 to"),
            (
                ["dead-letter-breaker-rate": .int32(1), "dead-letter-breaker-percent": .int32(101)],
                "dead-letter-breaker-percent: expected an integer from 1 to 100"
            ),
            (["dead-letter-breaker-rat": .int32(1)], "dead-letter-breaker-rat: there is no such key: expected some of"),
        ] as [(FieldTable, String)])
    func mistakes(definition: FieldTable, message: String) throws {
        let broker = try BrokerFixture()
        let error = #expect(throws: DefinitionErrors.self) { try broker.apply(definition, to: ".*") }
        #expect(error?.errors.first?.message.hasPrefix(message) == true, "\(error?.errors.first?.message ?? "")")
    }
}
