import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// What is durable is all that came before, in the order in which clients have sent it.
@Suite struct ConfirmOrderTests {
    @Test("once a message is durable, what was settled before it in the same burst is, while checkpoints are written")
    func settles() throws {
        let broker = try StorageFixture {
            $0.segmentBytes = 4 << 20
            $0.checkpointIntervalBytes = 4 << 10
        }
        let queue = try broker.queue("q")
        try broker.queue("fences", ["x-max-length": .int32(1)])
        for number in 0..<400 { try broker.publish("\(number)", key: "q") }
        let channel = RecordingChannel()
        let consumer = Consumer(
            tag: "c", queue: queue, channel: channel, isAutoAcknowledging: false, isExclusive: false, priority: 0,
            prefetchCount: 0, arguments: [:])
        try broker.host.subscribe(consumer)
        broker.settle()
        try #require(channel.received.count == 400)
        let checkpoints = broker.core.storageStatistics.checkpoints.count
        var pending: [(fence: LogPosition, end: LogPosition)] = []
        func progress() {
            broker.clock.advance(milliseconds: 1)
            broker.core.logProgressed()
            for (fence, end) in pending where broker.core.isDurable(fence) { #expect(broker.core.isDurable(end)) }
            pending.removeAll { broker.core.isDurable($0.end) }
        }
        for (number, delivery) in channel.received.enumerated() {
            queue.acknowledge(delivery.entry, from: consumer)
            try broker.publish(String(repeating: "f", count: 500), key: "fences")
            let fence = broker.core.logTail
            broker.core.isSyncWanted = true
            // What the disk has done comes in before the burst has ended.
            broker.core.logProgressed()
            pending.append((fence, broker.core.logTail))
            if broker.core.isDurable(fence) { #expect(broker.core.isDurable(broker.core.logTail)) }
            // Meets each step of a checkpoint.
            for _ in 0..<number % 4 { progress() }
        }
        for _ in 0..<10 { progress() }
        #expect(pending.isEmpty)
        #expect(broker.core.storageStatistics.checkpoints.count > checkpoints + 5)
    }
}
