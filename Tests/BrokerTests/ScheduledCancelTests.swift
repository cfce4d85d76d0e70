import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Scheduled messages that are taken back.
@Suite struct ScheduledCancelTests {
    private typealias Outcome = Result<Void, ScheduledCancelError>

    private func schedule(
        _ broker: BrokerFixture, _ body: String, delay: Int64, persistent: Bool = true
    ) throws {
        try broker.publish(
            body, key: "q", BasicProperties(headers: ["x-delay": .int64(delay)], deliveryMode: persistent ? 2 : 1))
        broker.core.endBurst()
    }

    private func scheduled(_ broker: BrokerFixture) throws -> [BrowsedMessage] {
        let queue = try #require(try broker.host.scheduledMessages)
        return try Browsing.all(queue, broker.core, broker.clock)
    }

    private func cancel(_ broker: BrokerFixture, _ id: MessageID) throws -> Outcome {
        let host = try broker.host
        var outcome: Outcome?
        host.cancelScheduled(id) { outcome = $0 }
        for _ in 0..<10 where outcome == nil {
            broker.core.endBurst()
            broker.core.waitForDisk()
            broker.core.logProgressed()
        }
        return try #require(outcome)
    }

    private func isNotFound(_ outcome: Outcome) -> Bool {
        if case .failure(.notFound) = outcome { true } else { false }
    }

    @Test(
        "the list shows what waits, with its time; a cancelled one never comes, the others do",
        arguments: [true, false])
    func cancelled(persistent: Bool) throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let begin = broker.clock.milliseconds
        for (index, delay) in [3000, 1000, 2000].enumerated() {
            try schedule(broker, "\(index)", delay: Int64(delay), persistent: persistent)
        }
        let found = try scheduled(broker)
        #expect(found.map(\.bodyText) == ["0", "1", "2"])
        #expect(found.map(\.deadlineMilliseconds) == [begin + 3000, begin + 1000, begin + 2000])
        #expect(found.map(\.routingKey) == ["q", "q", "q"])
        #expect(throws: Never.self) { try cancel(broker, found[2].id).get() }
        #expect(isNotFound(try cancel(broker, found[2].id)))
        #expect(try scheduled(broker).map(\.bodyText) == ["0", "1"])
        broker.advance(milliseconds: 2010)
        #expect(queue.readyCount == 1)
        #expect(isNotFound(try cancel(broker, found[1].id)))
        broker.advance(milliseconds: 1000)
        #expect(queue.readyCount == 2)
        #expect(try broker.host.scheduledMessages?.ready.liveCount == 0)
    }

    @Test("without a queue of them, and for an id that never was, there is nothing to cancel")
    func unknown() throws {
        let broker = try BrokerFixture()
        #expect(isNotFound(try cancel(broker, MessageID(rawValue: 0))))
        try schedule(broker, "m", delay: 1000)
        for id in [1, 1 << 20, 1 << 48, 255 << 48] as [UInt64] {
            #expect(isNotFound(try cancel(broker, MessageID(rawValue: id))))
        }
        #expect(try scheduled(broker).count == 1)
    }

    @Test("the answer comes when the log is durable past it, and then the message stays gone through a crash")
    func durable() throws {
        let broker = try BrokerFixture()
        try broker.queue("q")
        try schedule(broker, "gone", delay: 60_000)
        try schedule(broker, "stays", delay: 60_000)
        broker.core.waitForDisk()
        broker.core.logProgressed()
        let id = try #require(try scheduled(broker).first?.id)
        var isAnswered = false
        try broker.host.cancelScheduled(id) { _ in isAnswered = true }
        #expect(!isAnswered, "nothing has been written yet")
        #expect(try scheduledCount(broker) == 1, "it can't be delivered any more all the same")
        for _ in 0..<10 where !isAnswered {
            broker.core.endBurst()
            broker.core.waitForDisk()
            broker.core.logProgressed()
        }
        #expect(isAnswered)
        try broker.crash()
        #expect(try scheduled(broker).map(\.bodyText) == ["stays"])
        broker.core.waitForDisk()
        broker.core.logProgressed()
        broker.advance(milliseconds: 60_010)
        #expect(try broker.host.existingQueue("q").readyCount == 1)
    }

    private func scheduledCount(_ broker: BrokerFixture) throws -> Int {
        try broker.host.scheduledMessages?.ready.liveCount ?? 0
    }

    @Test("one whose time is over and that nobody takes can be cancelled, and is not tried again")
    func undeliverable() throws {
        let broker = try BrokerFixture()
        try broker.host.declareExchange("x", ExchangeProperties(type: "fanout", isDurable: true))
        try broker.publish(
            "m", to: "x", key: "", BasicProperties(headers: ["x-delay": .int64(100)], deliveryMode: 2))
        broker.core.endBurst()
        try broker.host.deleteExchange("x", ifUnused: false)
        broker.advance(milliseconds: 150)
        #expect(broker.core.undeliverableCount == 1)
        let found = try #require(try scheduled(broker).first)
        #expect(found.state == .undeliverable)
        #expect(throws: Never.self) { try cancel(broker, found.id).get() }
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
        #expect(broker.core.undeliverableCount == 0)
        #expect(try scheduledCount(broker) == 0)
        try broker.host.declareExchange("x", ExchangeProperties(type: "fanout", isDurable: true))
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
        #expect(isNotFound(try cancel(broker, found.id)))
    }

    @Test("what stands in pages that are not in memory is cancelled all the same, each once")
    func cold() throws {
        let broker = try StorageFixture()
        let queue = try broker.queue("q")
        for number in 0..<1500 {
            try broker.publish(
                "\(number)", key: "q", headers: ["x-delay": .int64(3_600_000 + Int64(number))])
            if number % 100 == 99 { broker.settle() }
        }
        let host = broker.host
        var outcomes: [Outcome] = []
        for number in stride(from: 0, to: 1500, by: 3) {
            for _ in 0..<2 { host.cancelScheduled(MessageID(rawValue: UInt64(number))) { outcomes.append($0) } }
        }
        for _ in 0..<2000 where outcomes.count < 1000 { Browsing.turn(broker.core, broker.clock) }
        #expect(outcomes.count == 1000 && outcomes.filter(isNotFound).count == 500)
        #expect(broker.core.cancellations.isEmpty)
        broker.clock.advance(milliseconds: 3_602_000)
        for _ in 0..<20 {
            broker.core.runTimers()
            broker.settle()
        }
        #expect(queue.readyCount == 1000)
    }

    @Test("a broker that closes answers that it does")
    func closed() throws {
        let broker = try BrokerFixture()
        try schedule(broker, "m", delay: 1000)
        var outcomes: [Outcome] = []
        try broker.host.cancelScheduled(MessageID(rawValue: 0)) { outcomes.append($0) }
        broker.core.giveUpWaiting()
        #expect(outcomes.count == 1)
        if case .failure(.brokerClosed)? = outcomes.first {} else { Issue.record("\(outcomes)") }
    }
}
