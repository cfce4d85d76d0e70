import AMQPProtocol
import Testing

@testable import Broker

/// What messages have in common.
@Suite struct GroupTests {
    private func group(
        _ queue: Queue, _ broker: BrokerFixture, by key: String, _ filter: String = "", limit: Int = 100,
        cursor: MessageID? = nil, scannedMax: Int = MessageCount.scannedDefault
    ) throws -> MessageGroups {
        let request = BrowseRequest(cursor: cursor, filter: try MessageFilter(filter))
        let key = try GroupKey(key)
        return try Browsing.wait(broker.core, broker.clock) { then in
            queue.group(request, by: key, limit: limit, scannedMax: scannedMax, then: then)
        }.get()
    }

    private func filled(_ broker: BrokerFixture) throws -> Queue {
        let queue = try broker.queue("q")
        for number in 0..<60 {
            var headers: FieldTable = [:]
            if number % 3 != 2 { headers["error"] = .string(number % 3 == 0 ? "timeout" : "no such order") }
            headers["n"] = .int32(Int32(number % 2))
            try broker.publish(
                "{\"kind\":\"k\(number % 4)\"}", key: "q", BasicProperties(headers: headers))
            broker.clock.advance(milliseconds: 10)
            broker.core.endBurst()
        }
        return queue
    }

    @Test("the largest comes first, with its times and a sample; those without the field are a group")
    func headers() throws {
        let broker = try BrokerFixture()
        let queue = try filled(broker)
        let found = try group(queue, broker, by: "header.error")
        #expect(found.groups.map(\.key) == ["timeout", "no such order", nil])
        #expect(found.groups.map(\.messages) == [20, 20, 20] && found.groups.map(\.sample.rawValue) == [0, 1, 2])
        #expect(found.groups.allSatisfy { $0.bytes == 20 * 13 })
        let first = found.groups[0]
        #expect(first.lastSeenMilliseconds - first.firstSeenMilliseconds == 570)
        #expect(found.count.scanned == 60 && found.count.matched == 60 && found.count.isComplete)
        #expect(found.groupCount == 3 && found.others == nil)
    }

    @Test("numbers and JSON fields are groups, of what a filter matches")
    func others() throws {
        let broker = try BrokerFixture()
        let queue = try filled(broker)
        #expect(try group(queue, broker, by: "header.n").groups.map(\.key) == ["0", "1"])
        #expect(try group(queue, broker, by: "$.kind", "header.n = 1").groups.map(\.key) == ["k1", "k3"])
        #expect(try group(queue, broker, by: "key").groups.map(\.messages) == [60])
        #expect(try group(queue, broker, by: "reason").groups.map(\.key) == [nil])
        for text in ["", "nothing", "age", "reason = expired", "header."] {
            #expect(throws: FilterError.self) { _ = try GroupKey(text) }
        }
    }

    @Test("what is not listed is told of in one row, and nothing is left out")
    func rest() throws {
        let broker = try BrokerFixture()
        let queue = try filled(broker)
        let found = try group(queue, broker, by: "$.kind", limit: 1)
        #expect(found.groups.count == 1 && found.others?.messages == 45 && found.others?.key == nil)
        #expect(found.groupCount == 4 && !found.isGroupCountALimit)
        let part = try group(queue, broker, by: "$.kind", scannedMax: 25)
        #expect(part.count.scanned == 25 && part.count.next?.rawValue == 25 && !part.count.isComplete)
        let tail = try group(queue, broker, by: "$.kind", cursor: part.count.next)
        #expect(tail.count.scanned == 35 && tail.count.isComplete)
    }

    @Test("so many groups are told apart and no more")
    func bounded() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for number in 0..<MessageGroups.trackedMax + 50 { try broker.publish("\(number % 10_040)", key: "q") }
        broker.core.endBurst()
        let found = try group(queue, broker, by: "body", limit: 2)
        #expect(found.groupCount == MessageGroups.trackedMax && found.isGroupCountALimit)
        #expect(found.groups.map(\.messages) == [2, 2])
        #expect((found.others?.messages ?? 0) + 4 == MessageGroups.trackedMax + 50)
    }
}
