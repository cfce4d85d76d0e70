import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Dead letters that nobody takes stay with their queue, and go when they can.
@Suite struct UndeliverableTests {
    private static let persistent = BasicProperties(deliveryMode: 2)

    private func work(_ broker: BrokerFixture, _ more: FieldTable = [:]) throws -> Queue {
        var arguments: FieldTable = ["x-dead-letter-exchange": .string("dlx")]
        for entry in more.entries { arguments[entry.name] = entry.value }
        return try broker.queue("work", arguments)
    }

    /// Has the queue's messages rejected.
    private func reject(_ broker: BrokerFixture, _ bodies: [String], in queue: Queue) throws {
        for body in bodies { try broker.publish(body, key: "work", Self.persistent) }
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        for delivery in channel.received { queue.reject(delivery.entry, from: consumer) }
        queue.remove(consumer)
        broker.core.endBurst()
    }

    @discardableResult
    private func bindDead(_ broker: BrokerFixture, key: String = "work") throws -> Queue {
        let exchange = try broker.host.exchange(named: "dlx") ?? declareExchange(broker)
        let dead = try broker.queue("dead")
        try broker.host.bind(exchange, to: .queue(dead), routingKey: key, arguments: [:])
        return dead
    }

    private func declareExchange(_ broker: BrokerFixture) throws -> Exchange {
        try broker.host.declareExchange("dlx", ExchangeProperties(type: "direct", isDurable: true))
        return try broker.host.existingExchange("dlx")
    }

    private func deadBodies(_ broker: BrokerFixture) throws -> [String] {
        let channel = RecordingChannel()
        let queue = try broker.host.existingQueue("dead")
        let consumer = try broker.consume(queue, on: channel)
        let bodies = channel.bodies
        channel.acknowledgeAll()
        queue.remove(consumer)
        return bodies
    }

    /// The rounds of retries that are due by then.
    private func later(_ broker: BrokerFixture) {
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
    }

    @Test("without an exchange they stay, not ready; when it is there and bound they go, in their order and once")
    func missingExchange() throws {
        let broker = try BrokerFixture()
        let queue = try work(broker)
        try reject(broker, ["a", "b", "c"], in: queue)
        #expect(queue.readyCount == 0 && queue.unacknowledgedCount == 0 && queue.undeliverableCount == 3)
        #expect(broker.core.undeliverableCount == 3)
        later(broker)
        _ = try declareExchange(broker)
        later(broker)
        #expect(queue.undeliverableCount == 3)
        let dead = try bindDead(broker)
        later(broker)
        #expect(queue.undeliverableCount == 0 && broker.core.undeliverableCount == 0 && dead.readyCount == 3)
        let channel = RecordingChannel()
        try broker.consume(dead, on: channel)
        #expect(channel.bodies == ["a", "b", "c"])
        for delivery in channel.received {
            let deaths = delivery.headers["x-death"]?.arrayValue ?? []
            #expect(deaths.count == 1 && deaths.first?.tableValue?["count"] == .int64(1))
            #expect(deaths.first?.tableValue?["reason"] == .string("rejected"))
        }
    }

    @Test("more than fit in one piece go one after the other, and those without a route do not hold up the others")
    func many() throws {
        let broker = try BrokerFixture()
        let queue = try work(broker)
        _ = try declareExchange(broker)
        for index in 0..<500 {
            try broker.publish("\(index)", key: "work", Self.persistent)
        }
        try reject(broker, [], in: queue)
        #expect(queue.undeliverableCount == 500)
        try bindDead(broker)
        later(broker)
        #expect(queue.undeliverableCount == 0)
        #expect(try broker.host.existingQueue("dead").readyCount == 500)
    }

    @Test("what full queues refuse stays with its own queue until they have room")
    func refused() throws {
        let broker = try BrokerFixture()
        let queue = try work(broker)
        _ = try declareExchange(broker)
        let dead = try broker.queue(
            "dead", ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        let other = try broker.queue("other")
        for target in [dead, other] {
            try broker.host.bind(
                try broker.host.existingExchange("dlx"), to: .queue(target), routingKey: "work", arguments: [:])
        }
        try reject(broker, ["a", "b"], in: queue)
        #expect(dead.readyCount == 1 && other.readyCount == 1 && queue.undeliverableCount == 1)
        later(broker)
        #expect(queue.undeliverableCount == 1)
        #expect(dead.purge() == 1)
        later(broker)
        #expect(dead.readyCount == 1 && other.readyCount == 2 && queue.undeliverableCount == 0)
    }

    @Test("a queue whose strategy is at-most-once loses them")
    func atMostOnce() throws {
        let broker = try BrokerFixture()
        let queue = try work(broker, ["x-dead-letter-strategy": .string("at-most-once")])
        try reject(broker, ["a"], in: queue)
        #expect(queue.undeliverableCount == 0 && queue.ready.liveCount == 0)
    }

    @Test("purging and deleting the queue takes them along")
    func purged() throws {
        let broker = try BrokerFixture()
        let queue = try work(broker)
        try reject(broker, ["a", "b"], in: queue)
        #expect(queue.purge() == 2)
        #expect(queue.undeliverableCount == 0 && queue.ready.liveCount == 0)
        try reject(broker, ["c"], in: queue)
        #expect(try broker.host.deleteQueue(queue, ifUnused: false, ifEmpty: false) == 0)
        #expect(broker.core.undeliverableCount == 0)
        try bindDead(broker)
        later(broker)
        #expect(try deadBodies(broker).isEmpty)
    }

    @Test("they are where they were after a crash and after a stop, and go then", arguments: [true, false])
    func restart(isCrash: Bool) throws {
        let broker = try BrokerFixture()
        try reject(broker, ["a", "b", "c"], in: try work(broker))
        try broker.publish("new", key: "work", Self.persistent)
        broker.core.endBurst()
        for _ in 0..<3 {
            if isCrash { try broker.crash() } else { try broker.restart() }
            broker.core.endBurst()
            let queue = try broker.host.existingQueue("work")
            #expect(queue.readyCount == 1 && queue.undeliverableCount == 3 && queue.readyBytes == 3)
            #expect(broker.core.undeliverableCount == 3)
        }
        try bindDead(broker)
        later(broker)
        #expect(try broker.host.existingQueue("work").undeliverableCount == 0)
        #expect(try deadBodies(broker) == ["a", "b", "c"])
    }

    @Test("more of them than a segment could tell of are not written again and again", .timeLimit(.minutes(1)))
    func more() throws {
        let broker = try StorageFixture()
        let count = 3000
        let queue = try broker.queue("work", ["x-dead-letter-exchange": .string("dlx"), "x-message-ttl": .int32(0)])
        for number in 0..<count {
            try broker.publish("\(number)", key: "work")
            if number % 100 == 0 { broker.settle() }
        }
        broker.settle()
        try broker.passSegments()
        #expect(queue.undeliverableCount == count)
        let before = broker.core.logTail.rawValue
        for _ in 0..<20 { broker.settle() }
        #expect(broker.core.logTail.rawValue < before + 100_000)
        try broker.stop(.crash)
        #expect(try broker.host.existingQueue("work").undeliverableCount == count)
    }

    @Test(
        "a death has the time at which it happened, however much later somebody takes the dead letter",
        arguments: [false, true])
    func timeOfDeath(isRestarted: Bool) throws {
        let broker = try BrokerFixture()
        let died = broker.clock.milliseconds / 1000
        try reject(broker, ["a"], in: try work(broker))
        broker.advance(milliseconds: 7000)
        if isRestarted { try broker.crash() }
        broker.advance(milliseconds: 7000)
        let dead = try bindDead(broker)
        later(broker)
        let channel = RecordingChannel()
        try broker.consume(dead, on: channel)
        let death = channel.received.first?.headers["x-death"]?.arrayValue?.first?.tableValue
        #expect(death?["time"] == .timestamp(died))
    }

    @Test(
        "they stay what they are when the segment that spoke of them is gone, and are ready again if the checkpoint is too",
        arguments: StorageFixture.Stop.allCases)
    func longGone(stop: StorageFixture.Stop) throws {
        let broker = try StorageFixture()
        let queue = try broker.queue("work", ["x-dead-letter-exchange": .string("dlx")])
        try broker.publish("poison", key: "work")
        try broker.publish("wholesome", key: "work")
        try broker.passSegments()
        let channel = RecordingChannel()
        let consumer = Consumer(
            tag: "c", queue: queue, channel: channel, isAutoAcknowledging: false, isExclusive: false, priority: 0,
            prefetchCount: 1, arguments: [:])
        try broker.host.subscribe(consumer)
        broker.settle()
        try #require(channel.bodies == ["poison"])
        channel.isOpen = false
        queue.reject(channel.received[0].entry, from: consumer)
        queue.remove(consumer)
        broker.settle()
        #expect(queue.undeliverableCount == 1 && queue.readyCount == 1)
        try broker.passSegments()
        for _ in 0..<2 {
            try broker.stop(stop)
            let queue = try broker.host.existingQueue("work")
            #expect(queue.undeliverableCount + queue.readyCount == 2)
            if stop == .orderly || stop == .crash { #expect(queue.undeliverableCount == 1) }
            try broker.passSegments()
        }
        guard try broker.host.existingQueue("work").undeliverableCount == 1 else { return }
        try broker.host.declareExchange("dlx", ExchangeProperties(type: "fanout", isDurable: true))
        let dead = try broker.queue("dead")
        try broker.host.bind(
            try broker.host.existingExchange("dlx"), to: .queue(dead), routingKey: "", arguments: [:])
        broker.clock.advance(milliseconds: 1100)
        broker.core.runTimers()
        broker.settle()
        #expect(dead.readyCount == 1)
        #expect(try broker.host.existingQueue("work").undeliverableCount == 0)
    }

    @Test(
        "the log says why they stay",
        arguments: [
            (["x-dead-letter-exchange": .string("dlx")], "there is no such exchange"),
            (["x-dead-letter-exchange": .string("amq.direct")], "no queue wants them"),
            (
                ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("full")],
                "a queue has no room"
            ),
            (
                ["x-dead-letter-exchange": .string(""), "x-max-dead-letter-hops": .int64(0)],
                "they have gone on as often as max-dead-letter-hops lets them"
            ),
        ] as [(FieldTable, String)])
    func cause(arguments: FieldTable, cause: String) throws {
        let broker = try BrokerFixture()
        try broker.queue("full", ["x-max-length": .int64(0), "x-overflow": .string("reject-publish")])
        let queue = try work(broker, arguments)
        try reject(broker, ["a", "b"], in: queue)
        #expect(queue.undeliverableCount == 2)
        let lines = broker.log.lines("messages that are to leave a queue can't be delivered now")
        #expect(lines.map { $0.metadata["cause"] } == [cause])
    }
}
