import AMQPProtocol
import SeededRandom
import SegmentLog
import Testing

@testable import Broker

/// The broker's storage against a model in memory: whatever is done, and however it is stopped, the queues hold what the
/// model holds.
@Suite struct StorageModelTests {
    /// What the queues should hold, in order.
    private struct Model {
        var queues: [String: [String]] = [:]
        /// Taken and not settled.
        var out: [(queue: String, received: RecordingChannel.Received)] = []
        var nextNumber = 0
        /// The place of each message in the order of its queue.
        var ranks: [String: [String: Int]] = [:]

        mutating func body(_ size: Int) -> String {
            nextNumber += 1
            return "\(nextNumber)." + String(repeating: "x", count: size)
        }

        mutating func add(_ body: String, to queue: String) {
            queues[queue, default: []].append(body)
            ranks[queue, default: [:]][body] = ranks[queue, default: [:]].count
        }

        mutating func putBack(_ body: String, to queue: String) {
            let ranks = ranks[queue] ?? [:]
            var list = queues[queue] ?? []
            let index = list.firstIndex { (ranks[$0] ?? 0) > (ranks[body] ?? 0) } ?? list.endIndex
            list.insert(body, at: index)
            queues[queue] = list
        }
    }

    private static let names = ["a", "b", "c"]

    @Test("random work and stops of every kind keep what a model keeps", arguments: 0..<24)
    func randomOperations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let broker = try StorageFixture()
        var model = Model()
        try Self.declare(broker)
        for step in 0..<120 {
            try Self.operate(broker, &model, &random)
            if Int.random(in: 0..<3, using: &random) == 0 { broker.settle() }
            for name in Self.names {
                let lines = broker.host.queue(named: name)?.ready.lines ?? []
                for line in lines { try #require(line.contradiction == nil, "seed \(seed), step \(step), \(name)") }
            }
            guard Int.random(in: 0..<12, using: &random) == 0 else { continue }
            let stop = StorageFixture.Stop.allCases.randomElement(using: &random) ?? .crash
            try broker.stop(stop)
            for name in Self.names {
                let lines = broker.host.queue(named: name)?.ready.lines ?? []
                for line in lines {
                    try #require(line.contradiction == nil, "seed \(seed), step \(step), \(stop), \(name)")
                }
            }
            // What was out is back.
            for (queue, received) in model.out { model.putBack(received.body, to: queue) }
            model.out = []
            for name in Self.names + ["dead"] {
                let queue = try #require(broker.host.queue(named: name))
                try #require(
                    queue.readyCount == model.queues[name, default: []].count,
                    "seed \(seed), step \(step), \(stop), \(name)")
            }
        }
        for (queue, received) in model.out { model.putBack(received.body, to: queue) }
        try broker.stop(.crash)
        for name in Self.names + ["dead"] {
            let queue = try #require(broker.host.queue(named: name))
            let found = try broker.take(queue, count: 0).map(\.body)
            #expect(found == model.queues[name, default: []], "seed \(seed), \(name)")
        }
        let statistics = broker.core.storageStatistics
        #expect(statistics.log.readFailures == 0)
        #expect(broker.core.indexes.readFailures == 0)
    }

    /// What tells messages apart, to read in a failure.
    private static func numbers(_ bodies: [String]) -> String {
        bodies.map { String($0.prefix { $0 != "." }) }.joined(separator: " ")
    }

    private static func declare(_ broker: StorageFixture) throws {
        try broker.host.declareExchange("all", ExchangeProperties(type: "fanout", isDurable: true))
        let exchange = try broker.host.existingExchange("all")
        for name in names {
            let queue = try broker.queue(
                name, ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
            try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        }
        try broker.queue("dead")
        broker.settle()
    }

    private static func operate(_ broker: StorageFixture, _ model: inout Model, _ random: inout SeededGenerator) throws
    {
        let name = names.randomElement(using: &random) ?? "a"
        let queue = try #require(broker.host.queue(named: name))
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<6:
            for _ in 0..<Int.random(in: 1..<60, using: &random) {
                let body = model.body(Int.random(in: 0..<200, using: &random))
                try broker.publish(body, key: name)
                model.add(body, to: name)
            }
        case 6..<9:
            for _ in 0..<Int.random(in: 1..<20, using: &random) {
                let body = model.body(Int.random(in: 0..<2500, using: &random))
                try broker.publish(body, to: "all", key: "")
                for name in names { model.add(body, to: name) }
            }
        case 9:
            // Larger than a page.
            let body = model.body(Int.random(in: 1000..<9000, using: &random))
            try broker.publish(body, to: "all", key: "")
            for name in names { model.add(body, to: name) }
        case 10..<14:
            let taken = try broker.take(queue, count: Int.random(in: 1..<100, using: &random))
            let expected = Array(model.queues[name, default: []].prefix(taken.count))
            #expect(Self.numbers(taken.map(\.body)) == Self.numbers(expected))
            #expect(taken.map(\.body) == expected)
            model.queues[name, default: []].removeFirst(taken.count)
            model.out += taken.map { (name, $0) }
        case 14..<18:
            try settle(broker, &model, &random)
        case 18:
            try commit(broker, &model, &random)
        default:
            guard Int.random(in: 0..<4, using: &random) == 0 else { return }
            #expect(queue.purge() == model.queues[name, default: []].count)
            model.queues[name] = []
        }
    }

    /// Acknowledges, rejects and returns some of what is out.
    private static func settle(_ broker: StorageFixture, _ model: inout Model, _ random: inout SeededGenerator) throws {
        var kept: [(queue: String, received: RecordingChannel.Received)] = []
        for (name, received) in model.out {
            let queue = received.consumer.queue
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6: queue.acknowledge(received.entry, from: nil)
            case 6:
                queue.requeue(received.entry, from: nil, as: .returned)
                model.putBack(received.body, to: name)
            case 7:
                queue.reject(received.entry, from: nil)
                model.add(received.body, to: "dead")
            default: kept.append((name, received))
            }
        }
        model.out = kept
        broker.settle()
    }

    /// A transaction that publishes, acknowledges and rejects.
    private static func commit(_ broker: StorageFixture, _ model: inout Model, _ random: inout SeededGenerator) throws {
        var failure: (any Error)?
        let settled = model.out.prefix(Int.random(in: 0..<10, using: &random))
        model.out.removeFirst(settled.count)
        var bodies: [String] = []
        for _ in 0..<Int.random(in: 0..<10, using: &random) {
            bodies.append(model.body(Int.random(in: 0..<1500, using: &random)))
        }
        broker.core.asOneGroup {
            for body in bodies {
                do { try broker.publish(body, to: "all", key: "") } catch { failure = error }
            }
            for (index, item) in settled.enumerated() {
                let queue = item.received.consumer.queue
                if index.isMultiple(of: 3) {
                    queue.reject(item.received.entry, from: nil)
                } else {
                    queue.acknowledge(item.received.entry, from: nil)
                }
            }
        }
        for body in bodies {
            for name in names { model.add(body, to: name) }
        }
        for (index, item) in settled.enumerated() where index.isMultiple(of: 3) {
            model.add(item.received.body, to: "dead")
        }
        if let failure { throw failure }
        if Bool.random(using: &random) { broker.settle() }
    }
}
