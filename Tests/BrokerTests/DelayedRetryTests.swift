import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Messages that come back wait before they are ready again.
@Suite struct DelayedRetryTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    private func delays(_ retry: DelayedRetry, count: UInt32 = 5) -> [UInt64] {
        (1...count).map { retry.delayMilliseconds(count: $0, chance: 0) }
    }

    @Test("delays grow linearly, by a factor, or as a list says, up to the most")
    func shapes() {
        var retry = DelayedRetry(minMilliseconds: 100)
        #expect(delays(retry) == [100, 200, 300, 400, 500])
        retry.maxMilliseconds = 250
        #expect(delays(retry) == [100, 200, 250, 250, 250])
        retry.multiplier = 1
        #expect(delays(retry) == [100, 100, 100, 100, 100])
        retry.multiplier = 2
        retry.maxMilliseconds = 1000
        #expect(delays(retry) == [100, 200, 400, 800, 1000])
        retry.maxMilliseconds = nil
        #expect(retry.delayMilliseconds(count: .max, chance: 0) == UInt64(QueueSettings.timeToLiveMillisecondsMax))
        retry.listMilliseconds = [10, 1000, 60]
        #expect(delays(retry) == [10, 1000, 60, 60, 60])
    }

    @Test("jitter makes a delay longer by up to its part, never shorter", arguments: [0, 1, 7, 20, 21, UInt64.max])
    func jitter(chance: UInt64) {
        var retry = DelayedRetry(minMilliseconds: 100)
        retry.jitterPercent = 20
        #expect((100...120).contains(retry.delayMilliseconds(count: 1, chance: chance)))
    }

    /// Takes the message and gives it back.
    private func comeAndGo(_ broker: BrokerFixture, _ queue: Queue, _ cause: ReturnCause) throws {
        guard case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
            Issue.record("the queue is empty")
            return
        }
        queue.requeue(entry, from: nil, as: cause)
        broker.core.endBurst()
    }

    private func retrying(_ broker: BrokerFixture, _ more: FieldTable = [:]) throws -> Queue {
        var arguments: FieldTable = ["x-delayed-retry-type": .string("all"), "x-delayed-retry-min": .int32(1000)]
        for entry in more.entries { arguments[entry.name] = entry.value }
        let queue = try broker.queue("q", arguments)
        try broker.publish("m", key: "q", BasicProperties(deliveryMode: 2))
        broker.core.endBurst()
        return queue
    }

    @Test("what comes back is not ready before its delay is over, and waits longer each time")
    func grows() throws {
        let broker = try BrokerFixture()
        let queue = try retrying(broker)
        for (index, cause) in [ReturnCause.returned, .failed, .returned].enumerated() {
            try comeAndGo(broker, queue, cause)
            #expect(queue.readyCount == 0 && queue.delayedCount == 1 && queue.unacknowledgedCount == 0)
            broker.advance(milliseconds: UInt64(index + 1) * 1000 - 1)
            #expect(queue.readyCount == 0)
            broker.advance(milliseconds: 2 + 1 << DeadlineWheel.tickShift)
            #expect(queue.readyCount == 1 && queue.delayedCount == 0 && queue.delayedBytes == 0)
        }
    }

    @Test("a type delays its own returns only", arguments: ["failed", "returned", "disabled"])
    func types(type: String) throws {
        let broker = try BrokerFixture()
        let queue = try retrying(broker, ["x-delayed-retry-type": .string(type)])
        try comeAndGo(broker, queue, type == "failed" ? .returned : .failed)
        #expect(queue.readyCount == 1)
        guard type != "disabled" else { return }
        try comeAndGo(broker, queue, type == "failed" ? .failed : .returned)
        #expect(queue.readyCount == 0 && queue.delayedCount == 1)
    }

    @Test("what waits counts toward the length, and goes when the queue is purged")
    func length() throws {
        let broker = try BrokerFixture()
        let queue = try retrying(broker, ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        try comeAndGo(broker, queue, .returned)
        #expect(try broker.publish("second", key: "q") == .rejected)
        #expect(queue.purge() == 1)
        #expect(queue.delayedCount == 0 && queue.delayedBytes == 0 && queue.returnCounts.isEmpty)
        #expect(try broker.publish("third", key: "q") == .enqueued(mustBeDurable: false))
        broker.advance(milliseconds: 1100)
        #expect(queue.readyCount == 1 && queue.delayedCount == 0)
    }

    @Test("a purge leaves no counts of what it has dropped")
    func purgedCounts() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for _ in 0..<3 { try broker.publish("m", key: "q", BasicProperties(deliveryMode: 2)) }
        guard case .message(let held, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
            Issue.record("the queue is empty")
            return
        }
        try comeAndGo(broker, queue, .failed)
        #expect(queue.purge() == 2 && queue.returnCounts.isEmpty)
        queue.requeue(held, from: nil, as: .failed)
        #expect(queue.returnCounts.count == 1)
    }

    @Test("a message whose delay goes on over a restart expires at its time")
    func restartedAndExpired() throws {
        let broker = try BrokerFixture()
        let queue = try retrying(broker, ["x-message-ttl": .int32(500)])
        try comeAndGo(broker, queue, .failed)
        try broker.restart()
        broker.core.waitForDisk()
        broker.core.logProgressed()
        #expect(try broker.host.existingQueue("q").delayedCount == 1)
        broker.advance(milliseconds: 520)
        #expect(try broker.host.existingQueue("q").ready.liveCount == 0)
    }

    @Test("a policy changes the delays of what comes back from then on")
    func policy() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish("m", key: "q", BasicProperties(deliveryMode: 2))
        let policy = try Policy(
            name: "retry",
            value: [
                "pattern": .string("q"),
                "definition": .table([
                    "delayed-retry-type": .string("all"), "delayed-retry-list": .array([.int64(50), .int64(500)]),
                ]),
            ])
        try comeAndGo(broker, queue, .returned)
        #expect(queue.readyCount == 1)
        try broker.host.setPolicy(policy, isOperator: false)
        // Its second return.
        try comeAndGo(broker, queue, .returned)
        broker.advance(milliseconds: 499)
        #expect(queue.readyCount == 0)
        broker.advance(milliseconds: 6)
        #expect(queue.readyCount == 1)
    }

    @Test("one whose time to live is over meanwhile is a dead letter at that time")
    func expired() throws {
        let broker = try BrokerFixture()
        let dead = try broker.queue("dead")
        let queue = try retrying(
            broker,
            [
                "x-message-ttl": .int32(500), "x-dead-letter-exchange": .string(""),
                "x-dead-letter-routing-key": .string("dead"),
            ])
        try comeAndGo(broker, queue, .failed)
        #expect(queue.delayedCount == 1)
        broker.advance(milliseconds: 520)
        #expect(queue.readyCount == 0 && queue.delayedCount == 0 && queue.delayedBytes == 0 && dead.readyCount == 1)
        broker.advance(milliseconds: 1000)
        #expect(queue.readyCount == 0 && queue.delayedCount == 0 && dead.readyCount == 1)
    }

    @Test("one that expires while it waits and that nobody takes does not come back when the delay is over")
    func expiredAndUndeliverable() throws {
        let broker = try BrokerFixture()
        let queue = try retrying(
            broker, ["x-message-ttl": .int32(500), "x-dead-letter-exchange": .string("missing")])
        try comeAndGo(broker, queue, .failed)
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
        #expect(queue.readyCount == 0 && queue.delayedCount == 0 && queue.undeliverableCount == 1)
    }

    @Test("after a restart what waited goes on waiting for its time, with its counts", arguments: [false, true])
    func restart(isOrderly: Bool) throws {
        let broker = try BrokerFixture()
        try comeAndGo(broker, try retrying(broker), .failed)
        broker.advance(milliseconds: 400)
        if isOrderly { try broker.restart() } else { try broker.crash() }
        let queue = try broker.host.existingQueue("q")
        #expect(queue.readyCount == 0 && queue.delayedCount == 1 && queue.unacknowledgedCount == 0)
        #expect(queue.returnCounts.values.map(\.failed) == [1])
        broker.advance(milliseconds: 590)
        #expect(queue.readyCount == 0)
        broker.advance(milliseconds: 20)
        #expect(queue.readyCount == 1 && queue.delayedCount == 0 && queue.delayedBytes == 0)
    }

    @Test("what waited is ready after a restart that took longer than the delay")
    func lateRestart() throws {
        let broker = try BrokerFixture()
        try comeAndGo(broker, try retrying(broker), .failed)
        broker.clock.advance(milliseconds: 1500)
        try broker.crash()
        let queue = try broker.host.existingQueue("q")
        #expect(queue.readyCount == 1 && queue.delayedCount == 0)
        #expect(queue.returnCounts.values.map(\.failed) == [1])
    }

    /// As long as the messages' own records are not moved, which would write anew what is known of them.
    @Test(
        "what is known of returns outlives the segments that said so", arguments: StorageFixture.Stop.allCases,
        [true, false])
    func longGone(stop: StorageFixture.Stop, isDelayed: Bool) throws {
        let broker = try StorageFixture()
        let queue = try broker.queue("q", isDelayed ? ["x-delayed-retry-min": .int32(5_000_000)] : [:])
        for number in 0..<12 { try broker.publish(String(repeating: "\(number % 10)", count: 1200), key: "q") }
        try broker.passSegments()
        var taken: [QueueEntry] = []
        for _ in 0..<20 where taken.count < 2 {
            guard case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
                broker.settle()
                continue
            }
            taken.append(entry)
        }
        try #require(taken.count == 2)
        for entry in taken { queue.requeue(entry, from: nil, as: .failed) }
        broker.settle()
        for _ in 0..<3 {
            try broker.passSegments()
            try broker.stop(stop)
            let queue = try broker.host.existingQueue("q")
            #expect(queue.returnCounts.count == taken.count)
            #expect(queue.returnCounts.values.allSatisfy { $0.failed == 1 && $0.acquired == 1 })
            #expect(queue.delayedCount == (isDelayed ? taken.count : 0))
            #expect(queue.readyCount + queue.delayedCount == 12)
        }
    }

    @Test(
        "values that can't be are refused",
        arguments: [
            ("type", FieldValue.string("sometimes")), ("min", .int32(0)), ("max", .string("1s")),
            ("multiplier", .int32(1001)), ("jitter", .int32(101)), ("list", .array([])),
            ("list", .array([.int32(10), .int32(-1)])), ("list", .int32(10)),
        ])
    func refused(key: String, value: FieldValue) throws {
        let broker = try BrokerFixture()
        #expect(throws: AMQPException.self) { try broker.queue("q", ["x-delayed-retry-\(key)": value]) }
        #expect(throws: PolicyError.self) { try PolicySettings(definition: ["delayed-retry-\(key)": value]) }
    }
}
