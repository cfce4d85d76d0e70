import AMQPProtocol
import SeededRandom
import SegmentLog
import TestSeeds
import Testing

@testable import Broker

/// Browsing against a model: whatever happened to the messages, and in whatever pages they are looked at.
@Suite struct BrowseModelTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    fileprivate struct Seen: Equatable {
        let body: String
        let state: MessageState
    }

    /// What the queue holds, by line and number.
    fileprivate struct Model {
        var messages: [UInt64: Seen] = [:]
        var out: [QueueEntry] = []

        /// The highest line first, in each by number.
        func seen(_ states: MessageStates) -> [Seen] {
            messages.sorted { left, right in
                let (one, other) = (QueueLines.Place(sequence: left.key), QueueLines.Place(sequence: right.key))
                return one.line != other.line ? one.line > other.line : one.number < other.number
            }.map(\.value).filter { states.contains(MessageStates($0.state)) }
        }
    }

    @Test("any pages of any states are what one pass over the model gives")
    func random() throws {
        var random = SeededGenerator()
        for _ in 0..<12 {
            let broker = try StorageFixture()
            let queue = try broker.queue(
                "q",
                [
                    "x-max-priority": .int32(2), "x-dead-letter-exchange": .string("nowhere"),
                    "x-delayed-retry-type": .string("failed"), "x-delayed-retry-min": .int64(86_400_000),
                ])
            var model = Model()
            for step in 0..<400 {
                try operate(broker, queue, &model, &random, step)
                if random.next(upTo: 10) == 0 { broker.settle() }
            }
            broker.settle()
            for _ in 0..<6 {
                let states = MessageStates(rawValue: UInt8(1 + random.next(upTo: 15)))
                let limit = 1 + random.next(upTo: 60)
                let found = try Browsing.all(queue, broker.core, broker.clock, states, limit: limit)
                let seen = found.map { Seen(body: $0.bodyText, state: $0.state) }
                #expect(seen == model.seen(states), "seed \(random.seed), states \(states.rawValue), limit \(limit)")
            }
            for line in queue.ready.lines { #expect(line.contradiction == nil, "seed \(random.seed)") }
        }
    }

    private func operate(
        _ broker: StorageFixture, _ queue: Queue, _ model: inout Model, _ random: inout SeededGenerator, _ step: Int
    ) throws {
        switch random.next(upTo: 10) {
        case 0..<5:
            let priority = random.next(upTo: 3)
            let sequence = queue.ready.nextSequence(priority: UInt8(priority))
            let body = "\(step)." + String(repeating: "y", count: random.next(upTo: 300))
            try publish(broker, body, priority: priority, isPersistent: random.next(upTo: 4) > 0)
            model.messages[sequence] = Seen(body: body, state: .ready)
        case 5..<7:
            guard case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
                return broker.settle()
            }
            model.out.append(entry)
            model.set(entry, .unacked)
        default: settle(queue, &model, &random)
        }
        broker.core.endBurst()
    }

    private func settle(_ queue: Queue, _ model: inout Model, _ random: inout SeededGenerator) {
        guard !model.out.isEmpty else { return }
        let entry = model.out.remove(at: random.next(upTo: model.out.count))
        switch random.next(upTo: 4) {
        case 0:
            queue.acknowledge(entry, from: nil)
            model.messages[entry.sequence] = nil
        case 1:
            queue.reject(entry, from: nil)
            model.set(entry, .undeliverable)
        case 2:
            queue.requeue(entry, from: nil, as: .failed)
            model.set(entry, .delayed)
        default:
            queue.requeue(entry, from: nil, as: .returned)
            model.set(entry, .ready)
        }
    }

    private func publish(_ broker: StorageFixture, _ body: String, priority: Int, isPersistent: Bool) throws {
        try broker.publish(body, key: "q", isPersistent: isPersistent, priority: UInt8(priority))
    }
}

extension BrowseModelTests.Model {
    fileprivate mutating func set(_ entry: QueueEntry, _ state: MessageState) {
        guard let seen = messages[entry.sequence] else { return }
        messages[entry.sequence] = BrowseModelTests.Seen(body: seen.body, state: state)
    }
}
