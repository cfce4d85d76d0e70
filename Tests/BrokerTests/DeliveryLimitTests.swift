import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

@Suite struct DeliveryLimitTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    private static var persistent: BasicProperties {
        var properties = BasicProperties()
        properties.deliveryMode = 2
        return properties
    }

    private func arguments(limit: Int64?) -> FieldTable {
        var arguments: FieldTable = [
            "x-queue-type": .string("quorum"), "x-dead-letter-exchange": .string(""),
            "x-dead-letter-routing-key": .string("dead"),
        ]
        if let limit { arguments["x-delivery-limit"] = .int64(limit) }
        return arguments
    }

    /// Takes the message and gives it back; what its header says.
    @discardableResult
    private func comeAndGo(_ broker: BrokerFixture, _ queue: Queue) throws -> Int64? {
        guard case .message(let entry, let message) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
            Issue.record("the queue is empty")
            return nil
        }
        let properties = queue.redeliveryProperties(of: entry, message, isFetched: false)
        let count = try properties.map { bytes in
            try bytes.withUnsafeBytes { try BasicProperties(decoding: $0).headers?["x-delivery-count"]?.integerValue }
        }
        queue.requeue(entry, from: nil, as: .failed)
        broker.core.endBurst()
        return count ?? nil
    }

    @Test("how often a message has come back survives a restart, and so does the limit")
    func restart() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        var queue = try broker.queue("q", arguments(limit: 3))
        try broker.publish("poison", key: "q", Self.persistent)
        broker.core.endBurst()
        for count in [nil, 1] as [Int64?] { #expect(try comeAndGo(broker, queue) == count) }
        try broker.restart()
        queue = try broker.host.existingQueue("q")
        for count in [2, 3] as [Int64?] { #expect(try comeAndGo(broker, queue) == count) }
        #expect(queue.readyCount == 0)
        #expect(queue.returnCounts.isEmpty)
        let channel = RecordingChannel()
        try broker.consume(try broker.host.existingQueue("dead"), on: channel)
        #expect(channel.bodies == ["poison"])
        let death = channel.received.first?.headers["x-death"]?.arrayValue?.first?.tableValue
        #expect(death?["reason"] == .string("delivery_limit"))
    }

    @Test("a dead letter that a full queue passed on survives a restart in one place")
    func refusedPublish() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        let full = try broker.queue(
            "full",
            [
                "x-max-length": .int32(1), "x-overflow": .string("reject-publish-dlx"),
                "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead"),
            ])
        #expect(try broker.publish("fits", key: "full", Self.persistent) == .enqueued(mustBeDurable: true))
        #expect(try broker.publish("does not", key: "full", Self.persistent) == .rejected)
        #expect(full.readyCount == 1 && full.readyBytes == 4)
        broker.core.endBurst()
        #expect(full.durableBytes == 4)
        try broker.restart()
        #expect(try broker.host.existingQueue("full").readyCount == 1)
        let channel = RecordingChannel()
        try broker.consume(try broker.host.existingQueue("dead"), on: channel)
        #expect(channel.bodies == ["does not"])
    }

    @Test("a full queue whose dead-letter exchange is not there drops what it refuses")
    func missingExchange() throws {
        let broker = try BrokerFixture()
        let full = try broker.queue(
            "full",
            [
                "x-max-length": .int32(0), "x-overflow": .string("reject-publish-dlx"),
                "x-dead-letter-exchange": .string("nowhere"),
            ])
        #expect(try broker.publish("m", key: "full") == .rejected)
        broker.core.endBurst()
        #expect(full.readyCount == 0 && full.ready.liveCount == 0)
    }

    @Test("a quorum queue keeps transient messages over restarts, and so does who shares them", arguments: [1, 2])
    func transient(publishes: Int) throws {
        let broker = try BrokerFixture()
        try broker.queue("q", arguments(limit: nil))
        try broker.queue("classic")
        // The second goes along a remembered route.
        for _ in 0..<publishes {
            #expect(try broker.publish("m", key: "q") == .enqueued(mustBeDurable: true))
            #expect(try broker.publish("m", key: "classic") == .enqueued(mustBeDurable: false))
        }
        try broker.crash()
        #expect(try broker.host.existingQueue("q").readyCount == publishes)
        #expect(try broker.host.existingQueue("classic").readyCount == 0)
    }

    @Test("a dead-letter routing key that no frame could carry is refused")
    func longKey() throws {
        let broker = try BrokerFixture()
        for (count, isTaken) in [(255, true), (256, false)] {
            let key = FieldValue.string(String(repeating: "r", count: count))
            let arguments: FieldTable = ["x-dead-letter-exchange": .string("x"), "x-dead-letter-routing-key": key]
            #expect(((try? broker.queue("q\(count)", arguments)) != nil) == isTaken)
            #expect(((try? PolicySettings(definition: ["dead-letter-routing-key": key])) != nil) == isTaken)
            let redrive: FieldTable = [
                "redrive-every": .int64(60_000), "redrive-to": .string("exchange"),
                "redrive-exchange": .string("x"), "redrive-routing-key": key,
            ]
            #expect(((try? PolicySettings(definition: redrive)) != nil) == isTaken)
        }
    }

    @Test("the limit: what is named, else 20 for quorum queues, none if negative")
    func limits() throws {
        let resource = ResourceName(.queue, "q", in: "/")
        func limit(_ arguments: FieldTable) throws -> Int? {
            try QueueSettings(arguments: arguments, queue: resource).deliveryLimit
        }
        #expect(try limit(arguments(limit: nil)) == 20)
        #expect(try limit(arguments(limit: 0)) == 0)
        #expect(try limit(arguments(limit: -1)) == nil)
        #expect(try limit(["x-delivery-limit": .int32(3)]) == 3)
        #expect(try limit([:]) == nil)
    }
}
