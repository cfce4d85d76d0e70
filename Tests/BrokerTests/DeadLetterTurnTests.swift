import AMQPProtocol
import Testing

@testable import Broker

/// How long others wait for dead letters that come all at once.
@Suite struct DeadLetterTurnTests {
    @Test("very many dead letters move in several turns, in their order")
    func turns() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue(
            "work", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
        let dead = try broker.queue("dead")
        for number in 0..<10_000 {
            try broker.publish("\(number)", key: "work")
            if number % 1000 == 0 { broker.core.endBurst() }
        }
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        for delivery in channel.received { queue.reject(delivery.entry, from: consumer) }
        var moved: [Int] = []
        repeat {
            broker.core.endBurst()
            moved.append(dead.readyCount)
        } while dead.readyCount < 10_000 && broker.core.nextDeadlineNanoseconds == 0 && moved.count < 10
        #expect(moved == [4000, 8000, 10_000])
        let letters = RecordingChannel()
        _ = try broker.consume(dead, on: letters)
        #expect(letters.bodies == (0..<10_000).map { "\($0)" })
    }

    @Test("those that have yet to move are rejected for good as soon as the log is durable")
    func crash() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue(
            "work", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
        try broker.queue("dead")
        for number in 0..<6000 {
            try broker.publish("\(number)", key: "work", BasicProperties(deliveryMode: 2))
            if number % 1000 == 0 { broker.core.endBurst() }
        }
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        for delivery in channel.received { queue.reject(delivery.entry, from: consumer) }
        // One burst, in which 4,000 move.
        try broker.crash()
        #expect(try broker.host.existingQueue("work").readyCount == 0)
        let dead = try broker.host.existingQueue("dead")
        // What is read from the disk meanwhile takes turns.
        for _ in 0..<1000 where dead.readyCount < 6000 {
            broker.core.waitForDisk()
            broker.core.logProgressed()
        }
        #expect(dead.readyCount == 6000)
    }
}
