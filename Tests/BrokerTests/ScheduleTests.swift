import AMQPProtocol
import Testing

@testable import Broker

/// Messages that are to be delivered later.
@Suite struct ScheduleTests {
    private func properties(delay: FieldValue? = nil, at: FieldValue? = nil, persistent: Bool = true) -> BasicProperties
    {
        var headers: FieldTable = ["mine": .int32(7)]
        if let delay { headers["x-delay"] = delay }
        if let at { headers["x-deliver-at"] = at }
        return BasicProperties(headers: headers, deliveryMode: persistent ? 2 : 1)
    }

    private func received(_ broker: BrokerFixture, _ queue: Queue) throws -> [RecordingChannel.Received] {
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel)
        let received = channel.received
        channel.acknowledgeAll()
        queue.remove(consumer)
        return received
    }

    @Test("a delayed message is not there before its time, and then is, once", arguments: [true, false])
    func delayed(persistent: Bool) throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish("later", key: "q", properties(delay: .int32(1000), persistent: persistent))
        try broker.publish("now", key: "q", properties(persistent: persistent))
        try broker.publish("sooner", key: "q", properties(delay: .int64(500), persistent: persistent))
        broker.core.endBurst()
        #expect(try broker.host.scheduledMessages?.readyCount == 2)
        #expect(try received(broker, queue).map(\.body) == ["now"])
        broker.advance(milliseconds: 499)
        #expect(queue.readyCount == 0)
        broker.advance(milliseconds: 10)
        #expect(try received(broker, queue).map(\.body) == ["sooner"])
        broker.advance(milliseconds: 500)
        let last = try received(broker, queue)
        #expect(last.map(\.body) == ["later"])
        #expect(last.first?.headers["x-delay"] == .int64(-1000) && last.first?.headers["mine"] == .int32(7))
        #expect(try broker.host.scheduledMessages?.ready.liveCount == 0)
    }

    @Test("an absolute time is a timestamp in seconds or an integer in milliseconds; what is over is no delay")
    func absolute() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let now = broker.clock.milliseconds
        try broker.publish("seconds", key: "q", properties(at: .timestamp(now / 1000 + 2)))
        try broker.publish("milliseconds", key: "q", properties(at: .int64(Int64(now) + 1000)))
        try broker.publish("past", key: "q", properties(at: .timestamp(now / 1000 - 5)))
        try broker.publish("waited", key: "q", properties(delay: .int32(-500)))
        broker.core.endBurst()
        #expect(try received(broker, queue).map(\.body) == ["past", "waited"])
        broker.advance(milliseconds: 1010)
        #expect(try received(broker, queue).map(\.body) == ["milliseconds"])
        broker.advance(milliseconds: 1000)
        #expect(try received(broker, queue).map(\.body) == ["seconds"])
    }

    @Test("it is routed by the bindings of its time, and its time to live begins then")
    func routedLater() throws {
        let broker = try BrokerFixture()
        try broker.host.declareExchange("x", ExchangeProperties(type: "topic", isDurable: true))
        var properties = properties(delay: .int32(1000))
        properties.expiration = "500"
        try broker.publish("m", to: "x", key: "a.b", properties)
        broker.core.endBurst()
        let queue = try broker.queue("q")
        try broker.host.bind(
            try broker.host.existingExchange("x"), to: .queue(queue), routingKey: "a.*", arguments: [:])
        broker.advance(milliseconds: 1010)
        #expect(queue.readyCount == 1)
        broker.advance(milliseconds: 480)
        #expect(queue.readyCount == 1)
        broker.advance(milliseconds: 40)
        #expect(queue.readyCount == 0)
    }

    @Test("it survives a stop and a crash, also when its time passes meanwhile", arguments: [true, false])
    func restart(isCrash: Bool) throws {
        let broker = try BrokerFixture()
        try broker.queue("q")
        for delay in [60_000, 1000, 30_000] {
            try broker.publish("\(delay)", key: "q", properties(delay: .int64(Int64(delay))))
        }
        broker.core.endBurst()
        broker.clock.advance(milliseconds: 10_000)
        if isCrash { try broker.crash() } else { try broker.restart() }
        try settle(broker)
        let queue = try broker.host.existingQueue("q")
        broker.advance(milliseconds: 10)
        #expect(try received(broker, queue).map(\.body) == ["1000"])
        broker.advance(milliseconds: 20_000)
        #expect(try received(broker, queue).map(\.body) == ["30000"])
        broker.advance(milliseconds: 30_000)
        #expect(try received(broker, queue).map(\.body) == ["60000"])
    }

    /// The log is read for deadlines.
    private func settle(_ broker: BrokerFixture) throws {
        for _ in 0..<5 {
            broker.core.waitForDisk()
            broker.core.logProgressed()
        }
    }

    @Test("what full queues refuse waits for room, what has no exchange any more for that, and then for a queue")
    func refused() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        try broker.host.declareExchange("x", ExchangeProperties(type: "fanout", isDurable: true))
        try broker.publish("first", key: "q")
        try broker.publish("second", key: "q", properties(delay: .int32(100)))
        try broker.publish("homeless", to: "x", key: "", properties(delay: .int32(100)))
        broker.core.endBurst()
        try broker.host.deleteExchange("x", ifUnused: false)
        broker.advance(milliseconds: 150)
        #expect(queue.readyCount == 1 && broker.core.undeliverableCount == 2)
        #expect(try received(broker, queue).map(\.body) == ["first"])
        try broker.host.declareExchange("x", ExchangeProperties(type: "fanout", isDurable: true))
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
        #expect(try received(broker, queue).map(\.body) == ["second"])
        #expect(broker.core.undeliverableCount == 1)
        let exchange = try #require(broker.host.exchange(named: "x"))
        try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        for _ in 0..<20 { broker.advance(milliseconds: 100) }
        #expect(try received(broker, queue).map(\.body) == ["homeless"])
        #expect(broker.core.undeliverableCount == 0)
    }

    @Test("no client finds the queue that they wait in")
    func hidden() throws {
        let broker = try BrokerFixture()
        try broker.publish("m", key: "q", properties(delay: .int32(1000)))
        #expect(try broker.host.queue(named: VirtualHost.scheduleName) == nil)
        #expect(try broker.publish("m", key: VirtualHost.scheduleName) == .unroutable)
        #expect(try broker.host.allQueues.isEmpty)
    }

    @Test(
        "what is no delay is refused",
        arguments: [
            ("x-delay", FieldValue.string("soon")), ("x-delay", .int64(315_360_000_001)), ("x-delay", .double(1.5)),
            ("x-deliver-at", .string("tomorrow")), ("x-deliver-at", .timestamp(.max)),
            ("x-deliver-at", .int64(.max)),
        ])
    func badDelay(header: String, value: FieldValue) throws {
        let broker = try BrokerFixture()
        try broker.queue("q")
        #expect(throws: AMQPException.self) {
            try broker.publish("m", key: "q", BasicProperties(headers: [header: value]))
        }
    }
}
