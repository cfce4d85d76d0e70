import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Looking at messages leaves them as they are.
@Suite struct BrowseTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    private static func get(_ queue: Queue) -> QueueEntry? {
        guard case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
            return nil
        }
        return entry
    }

    /// Everything about a queue that somebody else could tell.
    private static func standing(_ queue: Queue) -> [String] {
        var standing = [
            "\(queue.readyCount) \(queue.readyBytes) \(queue.durableBytes) \(queue.unacknowledgedCount)",
            "\(queue.delayedCount) \(queue.undeliverableCount) \(queue.returnCounts.count)",
        ]
        for line in queue.ready.lines {
            for number in line.firstNumber..<line.end {
                standing.append("\(number) \(line.isLive(at: number)) \(line.isOut(at: number))")
            }
        }
        standing += queue.returnCounts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return standing
    }

    /// A queue with a message in each state.
    private func mixed(_ broker: BrokerFixture) throws -> Queue {
        let queue = try broker.queue(
            "q",
            [
                "x-delayed-retry-type": .string("all"), "x-delayed-retry-min": .int32(60_000),
                "x-dead-letter-exchange": .string("nowhere"),
            ])
        for body in ["unacked", "delayed", "undeliverable", "ready", "last"] {
            try broker.publish(body, key: "q", BasicProperties(headers: ["h": .int32(1)], deliveryMode: 2))
        }
        _ = Self.get(queue)
        queue.requeue(try #require(Self.get(queue)), from: nil, as: .failed)
        queue.reject(try #require(Self.get(queue)), from: nil)
        broker.core.endBurst()
        return queue
    }

    @Test("a message is shown in whatever state it is, with all that is known of it")
    func states() throws {
        let broker = try BrokerFixture()
        let queue = try mixed(broker)
        let found = try Browsing.all(queue, broker.core, broker.clock)
        #expect(found.map(\.bodyText) == ["unacked", "delayed", "undeliverable", "ready", "last"])
        #expect(found.map(\.state) == [.unacked, .delayed, .undeliverable, .ready, .ready])
        #expect(found.map(\.id.description) == ["0", "1", "2", "3", "4"])
        #expect(found.map(\.deliveryCount) == [0, 1, 0, 0, 0] && found.map(\.acquiredCount) == [0, 1, 0, 0, 0])
        #expect(found.map(\.undeliverableReason) == [nil, nil, "rejected", nil, nil])
        #expect(found.map(\.isRedelivered) == [false, true, false, false, false])
        let last = try #require(found.last)
        #expect(last.exchange == "" && last.routingKey == "q" && last.bodyByteCount == 4 && !last.isBodyCut)
        #expect(last.properties == BasicProperties(headers: ["h": .int32(1)], deliveryMode: 2))
        #expect(last.publishedAtMilliseconds == broker.clock.milliseconds && last.deadlineMilliseconds == nil)
    }

    @Test("only what was asked for is shown", arguments: MessageState.allCases)
    func oneState(state: MessageState) throws {
        let broker = try BrokerFixture()
        let queue = try mixed(broker)
        let found = try Browsing.all(queue, broker.core, broker.clock, MessageStates(state))
        #expect(found.map(\.state) == Array(repeating: state, count: state == .ready ? 2 : 1))
    }

    @Test("nothing changes: neither order nor counts nor the redelivered flag")
    func noEffect() throws {
        let broker = try BrokerFixture()
        let queue = try mixed(broker)
        let before = Self.standing(queue)
        _ = try Browsing.all(queue, broker.core, broker.clock, limit: 1)
        _ = try Browsing.all(queue, broker.core, broker.clock)
        #expect(Self.standing(queue) == before)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == ["ready", "last"])
        #expect(channel.received.allSatisfy { !$0.entry.redelivered })
    }

    @Test("a delayed message is ready again when its delay is over, and no longer shown as delayed")
    func delayOver() throws {
        let broker = try BrokerFixture()
        let queue = try mixed(broker)
        broker.advance(milliseconds: 60_010)
        let found = try Browsing.all(queue, broker.core, broker.clock)
        #expect(found.filter { $0.state == .delayed }.isEmpty)
        #expect(found.first { $0.bodyText == "delayed" }?.state == .ready)
    }

    @Test("the highest priority comes first, and a cursor goes on in the same order")
    func priorities() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-priority": .int32(3)])
        for (index, priority) in [0, 3, 1, 3, 0, 2, 9].enumerated() {
            try broker.publish("\(priority).\(index)", key: "q", BasicProperties(priority: UInt8(priority)))
        }
        broker.core.endBurst()
        let expected = ["3.1", "3.3", "9.6", "2.5", "1.2", "0.0", "0.4"]
        for limit in 1...8 {
            let found = try Browsing.all(queue, broker.core, broker.clock, limit: limit)
            #expect(found.map(\.bodyText) == expected, "limit \(limit)")
        }
    }

    @Test("bodies are cut to what was asked for, and the true size is told")
    func cut() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-message-ttl": .int32(5000)])
        try broker.publish("0123456789", key: "q")
        broker.core.endBurst()
        for (wanted, text) in [(0, ""), (4, "0123"), (10, "0123456789"), (99, "0123456789")] {
            let found = try #require(
                Browsing.all(queue, broker.core, broker.clock, bodyBytesMax: wanted).first)
            #expect(found.bodyText == text && found.bodyByteCount == 10 && found.isBodyCut == (wanted < 10))
            #expect(found.deadlineMilliseconds == broker.clock.milliseconds + 5000)
        }
    }

    @Test("a page holds no more bytes than it may, and one message whatever its size")
    func pageBytes() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for _ in 0..<5 { try broker.publish(String(repeating: "x", count: 3 << 20), key: "q") }
        broker.core.endBurst()
        let request = BrowseRequest(bodyBytesMax: BrowseRequest.bytesMax)
        let page = try Browsing.page(queue, broker.core, broker.clock, request)
        #expect(page.messages.count == 1 && !page.isComplete && page.next?.rawValue == 1)
        #expect(try Browsing.all(queue, broker.core, broker.clock, bodyBytesMax: 4 << 20).count == 5)
    }

    @Test("an empty queue is a complete page; a cursor of another queue's lines is refused")
    func edges() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let page = try Browsing.page(queue, broker.core, broker.clock, BrowseRequest())
        #expect(page.isComplete && page.messages.isEmpty && page.scanned == 0)
        let bad = BrowseRequest(cursor: MessageID(rawValue: 1 << 48))
        #expect(throws: WalkError.badCursor) { try Browsing.page(queue, broker.core, broker.clock, bad) }
        #expect(MessageID("-1") == nil && MessageID("1x") == nil && MessageID("\(UInt64.max)") == nil)
        let behind = BrowseRequest(cursor: MessageID(rawValue: 1 << 40))
        #expect(try Browsing.page(queue, broker.core, broker.clock, behind).isComplete)
    }

    @Test("the oldest message of all priorities is found")
    func oldest() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-priority": .int32(2)])
        #expect(try Browsing.wait(broker.core, broker.clock) { queue.findOldest(then: $0) }.get() == nil)
        let begin = broker.clock.milliseconds
        for priority in [1, 0, 2, 1] {
            try broker.publish("m", key: "q", BasicProperties(priority: UInt8(priority)))
            broker.advance(milliseconds: 1000)
        }
        #expect(try Browsing.wait(broker.core, broker.clock) { queue.findOldest(then: $0) }.get() == begin)
        _ = Self.get(queue).map { queue.acknowledge($0, from: nil) }
        _ = Self.get(queue).map { queue.acknowledge($0, from: nil) }
        #expect(try Browsing.wait(broker.core, broker.clock) { queue.findOldest(then: $0) }.get() == begin + 1000)
    }
}
