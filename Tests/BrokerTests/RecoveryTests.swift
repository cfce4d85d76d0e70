import AMQPProtocol
import Foundation
import SeededRandom
import Testing

@testable import Broker

@Suite struct RecoveryTests {
    private static var persistent: BasicProperties {
        var properties = BasicProperties()
        properties.deliveryMode = 2
        return properties
    }

    @Test("durable topology and persistent messages come back, transient ones do not")
    func restart() throws {
        let broker = try BrokerFixture()
        var host = try broker.host
        let durable = try broker.queue("durable", ["x-max-priority": .int32(3)])
        try broker.queue("transient", durable: false)
        try host.declareExchange("x", ExchangeProperties(type: "topic", isDurable: true))
        let exchange = try host.existingExchange("x")
        try host.bind(exchange, to: .queue(durable), routingKey: "a.#", arguments: [:])
        try broker.publish("kept", to: "x", key: "a.b", Self.persistent)
        try broker.publish("lost", to: "x", key: "a.b")
        broker.core.endBurst()
        try broker.restart()

        host = try broker.host
        #expect(host.queue(named: "transient") == nil)
        let queue = try #require(host.queue(named: "durable"))
        #expect(queue.settings.maxPriority == 3)
        try broker.publish("new", to: "x", key: "a.c", Self.persistent)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == ["kept", "new"])
        // Nobody had been handed the one that came back, and the stop was an orderly one.
        #expect(channel.received.map(\.entry.redelivered) == [false, false])
        #expect(broker.core.access.users["guest"]?.password?.matches(Array("guest".utf8)) == true)
    }

    @Test("what was acknowledged does not come back, what was not does")
    func settled() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for index in 0..<1000 { try broker.publish("\(index)", key: "q", Self.persistent) }
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        for (index, delivery) in channel.received.enumerated() where !index.isMultiple(of: 7) {
            queue.acknowledge(delivery.entry, from: delivery.consumer)
        }
        broker.core.endBurst()
        try broker.restart()
        let second = RecordingChannel()
        try broker.consume(try #require(broker.host.queue(named: "q")), on: second)
        #expect(second.bodies == (0..<1000).filter { $0.isMultiple(of: 7) }.map(String.init))
    }

    @Test("deleted is deleted: queue, exchange, binding")
    func deletions() throws {
        let broker = try BrokerFixture()
        let host = try broker.host
        let queue = try broker.queue("q")
        try broker.publish("old", key: "q", Self.persistent)
        try host.declareExchange("x", ExchangeProperties(type: "direct", isDurable: true))
        try host.bind(host.existingExchange("x"), to: .queue(queue), routingKey: "k", arguments: [:])
        _ = try host.deleteQueue(queue, ifUnused: false, ifEmpty: false)
        try host.deleteExchange("x", ifUnused: false)
        try broker.queue("q")
        try broker.restart()
        #expect(try broker.host.exchange(named: "x") == nil)
        #expect(try broker.host.queue(named: "q")?.readyCount == 0)
    }

    @Test("a group is there whole or not at all", arguments: [false, true])
    func groups(isComplete: Bool) throws {
        let broker = try BrokerFixture()
        try broker.queue("a")
        try broker.queue("b")
        if isComplete {
            broker.core.asOneGroup {
                _ = try? broker.publish("1", key: "a", Self.persistent)
                _ = try? broker.publish("2", key: "b", Self.persistent)
            }
        } else {
            // The record that ends the group never made it to the log.
            try broker.core.asTornGroup {
                try broker.publish("1", key: "a", Self.persistent)
                try broker.publish("2", key: "b", Self.persistent)
            }
        }
        try broker.crash()
        #expect(try broker.host.queue(named: "a")?.readyCount == (isComplete ? 1 : 0))
        #expect(try broker.host.queue(named: "b")?.readyCount == (isComplete ? 1 : 0))

        // What comes after the restart does not belong to the group that the crash left open.
        try broker.publish("3", key: "a", Self.persistent)
        broker.core.endBurst()
        try broker.restart()
        #expect(try broker.host.queue(named: "a")?.readyCount == (isComplete ? 2 : 1))
    }

    @Test("random publishes, acks, requeues and restarts keep what a model keeps", arguments: 0..<8)
    func randomOperations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let broker = try BrokerFixture()
        var model: [String] = []
        for step in 0..<30 {
            var queue = try broker.queue("q")
            for index in 0..<Int.random(in: 0..<40, using: &random) {
                let body = "\(step).\(index)"
                try broker.publish(body, key: "q", Self.persistent)
                model.append(body)
            }
            let channel = RecordingChannel()
            let consumer = try broker.consume(queue, on: channel, prefetch: Int.random(in: 1..<60, using: &random))
            var kept: [String] = []
            for delivery in channel.received {
                if Bool.random(using: &random) {
                    queue.acknowledge(delivery.entry, from: nil)
                } else {
                    queue.requeue(delivery.entry, from: nil, as: .returned)
                    kept.append(delivery.body)
                }
                consumer.unacknowledgedCount = Int.max / 2
            }
            model = kept + model.dropFirst(channel.received.count)
            queue.remove(consumer)
            broker.core.endBurst()
            if Int.random(in: 0..<3, using: &random) == 0 {
                try broker.restart()
                queue = try #require(broker.host.queue(named: "q"))
            }
            #expect(queue.readyCount == model.count, "seed \(seed), step \(step)")
        }
        let channel = RecordingChannel()
        try broker.consume(try #require(broker.host.queue(named: "q")), on: channel)
        #expect(channel.bodies == model, "seed \(seed)")
    }
}
