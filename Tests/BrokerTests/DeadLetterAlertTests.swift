import AMQPProtocol
import Definitions
import Logging
import Testing

@testable import Broker

/// Alerts about queues of dead letters: once when they begin, and once when they end.
@Suite struct DeadLetterAlertTests {
    private func alerts(_ broker: BrokerFixture) -> [String] {
        broker.core.deadLetterAlerts.alerts(in: "/").map { "\($0.queue) \($0.kind.rawValue)" }
    }

    private func pass(seconds: Int, _ broker: BrokerFixture) {
        for _ in 0..<seconds {
            broker.advance(milliseconds: 1000)
            for _ in 0..<3 {
                broker.core.runTimers()
                broker.core.endBurst()
            }
        }
    }

    private func fill(_ name: String, _ count: Int, _ broker: BrokerFixture) throws {
        for number in 0..<count { try broker.publish("\(number)", key: name, BasicProperties(deliveryMode: 2)) }
        broker.core.endBurst()
    }

    @Test("the first dead letter is told of once, and once that there are none any more")
    func first() throws {
        let broker = try BrokerFixture()
        try broker.apply(["dead-letter-alert-depth": .int32(1)], to: "dead$")
        let queue = try broker.queue("dead")
        try broker.queue("other")
        pass(seconds: 5, broker)
        try fill("other", 5, broker)
        #expect(alerts(broker).isEmpty && broker.log.lines("dead letters").isEmpty)
        try fill("dead", 1, broker)
        pass(seconds: 30, broker)
        try fill("dead", 10, broker)
        pass(seconds: 30, broker)
        let begun = broker.log.lines("dead letters: alert")
        #expect(begun.count == 1 && begun[0].level == .warning)
        #expect(begun[0].metadata["queue"] == "dead" && begun[0].metadata["alert"] == "depth")
        #expect(broker.core.deadLetterAlerts.alerts(in: "/").first?.value == 11)
        // What comes and goes is one alert.
        for _ in 0..<10 {
            _ = queue.purge()
            pass(seconds: 5, broker)
            try fill("dead", 1, broker)
            pass(seconds: 5, broker)
        }
        #expect(broker.log.lines("dead letters").count == 1 && alerts(broker) == ["dead depth"])
        _ = queue.purge()
        pass(seconds: 70, broker)
        let ended = broker.log.lines("dead letters: the alert is over")
        #expect(ended.count == 1 && alerts(broker).isEmpty)
        #expect(Int(ended.first?.metadata["lastedMilliseconds"] ?? "").map { $0 > 200_000 } == true)
    }

    @Test("a rate is an alert as long as it lasts", arguments: [(9, false), (11, true)])
    func rate(perSecond: Int, isAlert: Bool) throws {
        let broker = try BrokerFixture()
        try broker.apply(["dead-letter-alert-rate": .int32(10)], to: "dead")
        let queue = try broker.queue("dead", ["x-max-priority": .int32(3)])
        // It is about what comes, not about what is there.
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, autoAck: true)
        for _ in 0..<20 {
            try fill("dead", perSecond, broker)
            pass(seconds: 1, broker)
        }
        #expect(alerts(broker) == (isAlert ? ["dead rate"] : []))
        pass(seconds: 80, broker)
        #expect(alerts(broker).isEmpty)
    }

    @Test("messages without a consumer, and old ones, are alerts")
    func unconsumedAndOld() throws {
        let broker = try BrokerFixture()
        try broker.apply(
            ["dead-letter-alert-unconsumed": .boolean(true), "dead-letter-alert-age": .int32(60_000)], to: "dead")
        let queue = try broker.queue("dead")
        pass(seconds: 10, broker)
        #expect(alerts(broker).isEmpty)
        try fill("dead", 1, broker)
        pass(seconds: 2, broker)
        #expect(alerts(broker) == ["dead unconsumed"])
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel, prefetch: 1)
        pass(seconds: 75, broker)
        #expect(alerts(broker) == ["dead age"])
        #expect(broker.core.deadLetterAlerts.alerts(in: "/").first.map { $0.value >= 70_000 } == true)
        channel.acknowledgeAll()
        pass(seconds: 65, broker)
        #expect(alerts(broker).isEmpty)
    }

    @Test("a policy that is taken back, and a queue that goes, take their alerts along; then there is no timer")
    func ends() throws {
        let broker = try BrokerFixture()
        let keys: FieldTable = ["dead-letter-alert-depth": .int32(1)]
        try broker.apply(keys, to: "^dead")
        let gone = try broker.queue("dead gone")
        try broker.queue("dead")
        try fill("dead", 1, broker)
        try fill("dead gone", 1, broker)
        pass(seconds: 2, broker)
        #expect(alerts(broker).count == 2)
        _ = try broker.host.deleteQueue(gone, ifUnused: false, ifEmpty: false)
        #expect(alerts(broker) == ["dead depth"])
        try broker.restart()
        pass(seconds: 2, broker)
        #expect(alerts(broker) == ["dead depth"])
        try broker.apply(["max-length": .int32(10)], to: "^dead")
        #expect(alerts(broker).isEmpty)
        pass(seconds: 2, broker)
        #expect(broker.core.timers.count == 0)
    }

    @Test("very many at once are a few lines")
    func many() throws {
        let broker = try BrokerFixture()
        try broker.apply(["dead-letter-alert-depth": .int32(1)], to: "^dead")
        for number in 0..<100 {
            try broker.queue("dead\(number)")
            try fill("dead\(number)", 1, broker)
        }
        pass(seconds: 2, broker)
        #expect(alerts(broker).count == 100)
        #expect(broker.log.lines("dead letters: alert").count == DeadLetterAlerts.linesPerLookMax)
        let rest = broker.log.lines("more alerts")
        #expect(rest.count == 1 && rest[0].metadata["alerts"] == "\(100 - DeadLetterAlerts.linesPerLookMax)")
    }

    @Test("more queues than one look takes are all seen to")
    func rounds() throws {
        let broker = try BrokerFixture()
        try broker.apply(["dead-letter-alert-depth": .int32(1)], to: "^dead")
        let count = DeadLetterAlerts.queuesPerLookMax + 10
        for number in 0..<count {
            try broker.queue("dead\(number)", durable: false)
            try broker.publish("x", key: "dead\(number)")
        }
        broker.core.endBurst()
        pass(seconds: 4, broker)
        #expect(alerts(broker).count == count)
    }

    @Test("of many queues each has its oldest message looked for, and others' walks are not held up by that")
    func manyAges() throws {
        let broker = try BrokerFixture()
        try broker.apply(["dead-letter-alert-age": .int32(5000)], to: "^dead")
        for number in 0..<100 {
            try broker.queue("dead\(number)")
            try fill("dead\(number)", 1, broker)
        }
        // While people use all walks, none of these is lost.
        let busy = try broker.queue("busy")
        try fill("busy", 1, broker)
        pass(seconds: 1, broker)
        var walksMax = 0
        var browsed = 0
        for _ in 0..<WalkScheduler.walksMax {
            busy.browse(BrowseRequest()) { if case .success = $0 { browsed += 1 } }
            walksMax = max(walksMax, broker.core.walks.count)
        }
        #expect(walksMax == WalkScheduler.walksMax)
        broker.advance(milliseconds: 1000)
        for _ in 0..<500 { Browsing.turn(broker.core, broker.clock) }
        #expect(browsed >= WalkScheduler.walksMax - DeadLetterAlerts.oldestLooksMax)
        walksMax = 0
        for _ in 0..<10 {
            broker.clock.advance(milliseconds: 1000)
            for _ in 0..<300 {
                Browsing.turn(broker.core, broker.clock)
                walksMax = max(walksMax, broker.core.walks.count)
            }
        }
        #expect((1...DeadLetterAlerts.oldestLooksMax).contains(walksMax))
        #expect(alerts(broker).count == 100)
        // What is gone is not taken for old.
        for number in 0..<100 { _ = try broker.host.existingQueue("dead\(number)").purge() }
        pass(seconds: 65, broker)
        #expect(alerts(broker).isEmpty)
    }

    @Test("undeliverable messages are told of without any policy, once, and once that there are none any more")
    func undeliverable() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue(
            "work", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
        func reject() throws {
            try fill("work", 1, broker)
            let channel = RecordingChannel()
            let consumer = try broker.consume(queue, on: channel)
            queue.reject(channel.received[0].entry, from: consumer)
            queue.remove(consumer)
            broker.core.endBurst()
        }
        let begin = broker.clock.milliseconds
        // They come and go.
        for _ in 0..<5 {
            try reject()
            #expect(queue.facts.undeliverableSinceMilliseconds == begin)
            pass(seconds: 5, broker)
            _ = queue.purge()
            pass(seconds: 5, broker)
        }
        #expect(broker.log.lines("messages that are to leave").count == 1)
        try reject()
        try broker.restart()
        pass(seconds: 5, broker)
        let restored = try broker.host.existingQueue("work")
        #expect(restored.undeliverableCount == 1 && restored.facts.undeliverableSinceMilliseconds != nil)
        #expect(broker.log.lines("messages that are to leave").count == 1)
        try broker.queue("dead")
        pass(seconds: 70, broker)
        #expect(restored.undeliverableCount == 0 && restored.facts.undeliverableSinceMilliseconds == nil)
        #expect(broker.log.lines("no messages of the queue are undeliverable any more").count == 1)
        #expect(broker.core.timers.count == 0)
    }

    @Test("deaths are counted by reason, and apart where they are the end")
    func counts() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        let queue = try broker.queue(
            "work",
            [
                "x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead"),
                "x-max-length": .int32(2),
            ])
        try fill("work", 5, broker)
        let channel = RecordingChannel()
        let consumer = try broker.consume(queue, on: channel, prefetch: 1)
        queue.reject(channel.received[0].entry, from: consumer)
        broker.core.endBurst()
        let facts = queue.facts.deathCounts.named(isDeadLetter: true)
        #expect(facts.map(\.reason) == ["rejected", "maxlen"] && facts.map(\.count) == [1, 3])
        #expect(queue.facts.deathCounts.named(isDeadLetter: false).isEmpty && queue.facts.joinedCount == 5)
        let end = try broker.queue("end", ["x-max-length": .int32(1)])
        try fill("end", 3, broker)
        #expect(end.facts.deathCounts.named(isDeadLetter: false).map(\.count) == [2])
    }

    @Test(
        "what can't be is refused",
        arguments: [
            (["dead-letter-alert-depth": .int32(0)], "dead-letter-alert-depth: expected an integer from 1 to"),
            (["dead-letter-alert-unconsumed": .string("yes")], "dead-letter-alert-unconsumed: expected true or false"),
            (["dead-letter-alert-agee": .int32(1)], "dead-letter-alert-agee: there is no such key: expected some of"),
        ] as [(FieldTable, String)])
    func mistakes(definition: FieldTable, message: String) throws {
        let broker = try BrokerFixture()
        let error = #expect(throws: DefinitionErrors.self) { try broker.apply(definition, to: ".*") }
        #expect(error?.errors.first?.message.hasPrefix(message) == true, "\(error?.errors.first?.message ?? "")")
    }
}
