import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

@Suite struct DeliveryTests {
    @Test("messages come in order, once")
    func order() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for index in 0..<100 { try broker.publish("\(index)", key: "q") }
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == (0..<100).map(String.init))
        #expect(queue.unacknowledgedCount == 100)
        channel.acknowledgeAll()
        #expect(queue.unacknowledgedCount == 0)
    }

    @Test("a requeued message returns to its place, redelivered")
    func requeue() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for body in ["a", "b", "c", "d"] { try broker.publish(body, key: "q") }
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel, prefetch: 3)
        #expect(channel.bodies == ["a", "b", "c"])
        queue.remove(consumer)
        for index in [2, 0, 1] { queue.requeue(channel.received[index].entry, from: nil, as: .returned) }
        let second = RecordingChannel()
        try broker.consume(queue, on: second)
        #expect(second.bodies == ["a", "b", "c", "d"])
        #expect(second.received.map(\.entry.redelivered) == [true, true, true, false])
    }

    @Test("consumers take turns; one without credit is passed over until it has some")
    func roundRobin() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let first = RecordingChannel()
        let second = RecordingChannel()
        let consumer = try broker.consume(queue, on: first, tag: "1", prefetch: 1)
        try broker.consume(queue, on: second, tag: "2")
        for body in ["a", "b", "c", "d"] { try broker.publish(body, key: "q") }
        broker.core.endBurst()
        #expect(first.bodies == ["a"])
        #expect(second.bodies == ["b", "c", "d"])
        queue.acknowledge(first.received[0].entry, from: consumer)
        for body in ["e", "f"] { try broker.publish(body, key: "q") }
        broker.core.endBurst()
        #expect(Set(first.bodies + second.bodies) == ["a", "b", "c", "d", "e", "f"])
        #expect(first.bodies.count == 2)
    }

    @Test("a higher consumer priority gets everything while it can take it")
    func consumerPriority() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let low = RecordingChannel()
        let high = RecordingChannel()
        try broker.consume(queue, on: low, tag: "low")
        try broker.consume(queue, on: high, tag: "high", prefetch: 2, priority: 10)
        for body in ["a", "b", "c"] { try broker.publish(body, key: "q") }
        broker.core.endBurst()
        #expect(high.bodies == ["a", "b"])
        #expect(low.bodies == ["c"])
    }

    @Test("message priorities: the highest first, each in order")
    func messagePriority() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-priority": .int32(5)])
        for (body, priority) in [("a", 0), ("b", 5), ("c", 9), ("d", 1)] as [(String, UInt8)] {
            var properties = BasicProperties()
            properties.priority = priority
            try broker.publish(body, key: "q", properties)
        }
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == ["b", "c", "d", "a"])
    }

    @Test("single active consumer: the next takes over when the first goes")
    func singleActive() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-single-active-consumer": .boolean(true)])
        let first = RecordingChannel()
        let second = RecordingChannel()
        let active = try broker.consume(queue, on: first, tag: "1")
        try broker.consume(queue, on: second, tag: "2")
        try broker.publish("a", key: "q")
        broker.core.endBurst()
        queue.remove(active)
        try broker.publish("b", key: "q")
        broker.core.endBurst()
        #expect(first.bodies == ["a"])
        #expect(second.bodies == ["b"])
    }

    @Test("single active consumer: whoever has credit again gets what is there, without anybody's publishing")
    func singleActivePrefetch() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-single-active-consumer": .boolean(true)])
        for body in ["a", "b", "c"] { try broker.publish(body, key: "q") }
        let (first, second) = (RecordingChannel(), RecordingChannel())
        let active = try broker.consume(queue, on: first, tag: "1", prefetch: 1)
        try broker.consume(queue, on: second, tag: "2", prefetch: 1)
        #expect(first.bodies == ["a"])
        first.acknowledgeAll()
        broker.core.endBurst()
        #expect(first.bodies == ["b"])
        queue.remove(active)
        broker.core.endBurst()
        #expect(second.bodies == ["c"])
    }

    @Test("deleting a queue cancels its consumers")
    func deletion() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, tag: "t")
        _ = try broker.host.deleteQueue(queue, ifUnused: false, ifEmpty: false)
        #expect(channel.cancelled == ["t"])
        #expect(try broker.host.queue(named: "q") == nil)
    }

    @Test("one message in many queues is stored once and goes with the last")
    func sharedStorage() throws {
        let broker = try BrokerFixture()
        let host = try broker.host
        let fanout = try host.existingExchange("amq.fanout")
        var queues: [Queue] = []
        for index in 0..<10 {
            let queue = try broker.queue("q\(index)")
            try host.bind(fanout, to: .queue(queue), routingKey: "", arguments: [:])
            queues.append(queue)
        }
        let before = broker.core.log.statistics.bytesAppended
        var properties = BasicProperties()
        properties.deliveryMode = 2
        try broker.publish(String(repeating: "x", count: 10_000), to: "amq.fanout", key: "", properties)
        let grown = broker.core.log.statistics.bytesAppended - before
        #expect(grown < 11_000, "stored \(grown) bytes")
        #expect(queues.allSatisfy { $0.readyCount == 1 })
    }
}
