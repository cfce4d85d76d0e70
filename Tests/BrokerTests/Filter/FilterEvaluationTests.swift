import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// What filters say of messages.
@Suite struct FilterEvaluationTests {
    private final class NoWaiter: PageWaiter {
        func pageArrived() {}
    }

    /// The bodies of the messages that match.
    private func matching(_ text: String, _ queue: Queue, _ broker: BrokerFixture) throws -> [String] {
        let request = BrowseRequest(bodyBytesMax: 100, filter: try MessageFilter(text))
        return try Browsing.page(queue, broker.core, broker.clock, request).messages.map(\.bodyText)
    }

    /// Five dead letters: `orders` rejected two, one of them twice; in `mail` one expired; one was no dead letter.
    private func deadLetters(_ broker: BrokerFixture) throws -> Queue {
        let dead = try broker.queue("dead")
        let toDead: FieldTable = ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")]
        let orders = try broker.queue("orders", toDead)
        var mail = toDead
        mail["x-message-ttl"] = .int32(1000)
        try broker.queue("mail", mail)
        func reject() throws {
            guard case .message(let entry, _) = orders.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
                return
            }
            orders.reject(entry, from: nil)
            broker.core.endBurst()
        }
        try broker.publish(
            #"{"order":{"id":7,"sku":"A-1"}}"#, key: "orders",
            BasicProperties(
                contentType: "application/json", headers: ["x-error": .string("timeout in db")], deliveryMode: 2))
        try reject()
        broker.advance(milliseconds: 3_600_000)
        try broker.publish(
            "two", key: "orders", BasicProperties(headers: ["n": .int32(5)], deliveryMode: 2, messageID: "m2"))
        try reject()
        try broker.publish("mail", key: "mail", BasicProperties(headers: ["ok": .boolean(true)], priority: 3))
        broker.advance(milliseconds: 1001)
        try broker.publish("none", key: "dead", BasicProperties(expiration: "99999999"))
        broker.core.endBurst()
        return dead
    }

    @Test(
        "each kind of comparison",
        arguments: [
            ("reason = rejected", [1, 2]), ("reason = expired", [3]), ("reason in (expired, maxlen)", [3]),
            ("not reason = rejected", [3, 4]), ("reason != rejected", [3, 4]), ("reason exists", [1, 2, 3]),
            ("source = orders", [1, 2]), ("source like 'm*'", [3]), ("death.exchange = ''", [1, 2, 3]),
            ("exchange = ''", [1, 2, 3, 4]), ("key = dead", [1, 2, 3, 4]), ("death.key = orders", [1, 2]),
            ("death.key topic '#'", [1, 2, 3]), ("death.key topic *.a", []), ("deaths >= 1", [1, 2, 3]),
            ("death.count = 1", [1, 2, 3]), ("first.reason = expired", [3]), ("first.key = mail", [3]),
            ("first.age > 30m", [1]), ("death.age < 30m", [2, 3]), ("age > 1h", [1]), ("age >= 0s", [1, 2, 3, 4]),
            ("size > 10", [1]), ("size <= 3B", [2]), ("priority = 3", [3]), ("priority < 3", [1, 2, 4]),
            ("message_id = m2", [2]), ("content_type = application/json", [1]), ("content_type like *json", [1]),
            ("delivery_mode = 2", [1, 2]), ("expiration exists", [4]), ("redelivered", []),
            ("redriven = 0", [1, 2, 3, 4]),
            ("header.x-error exists", [1]), ("header.x-error ~ '^time.*db$'", [1]), ("header.x-error ~ db", [1]),
            ("header.x-error !~ db", [2, 3, 4]), ("header.n = 5", [2]), ("header.n > 4.5", [2]), ("header.n = '5'", []),
            ("header.ok = true", [3]), ("header.x-death exists", [1, 2, 3]), ("header.x-death = 1", []),
            ("body contains sku", [1]), ("body contains ''", [1, 2, 3, 4]), ("body ~ 't.o'", [2]), ("body = two", [2]),
            ("$.order.id = 7", [1]), ("$.order.id = '7'", []), ("$.order.sku like A-?", [1]), ("$.order exists", [1]),
            ("$.order[*] exists", [1]), ("$.order[0] exists", []), ("$.order.* = 7", [1]),
            ("id = 1", [2]), ("id in (3, 0)", [1, 4]), ("id in (0, 77) and reason = rejected", [1]),
            ("id = 0 or reason = expired", [1, 3]), ("id != 0", [2, 3, 4]), ("id in (1,2) and id in (2,3)", [3]),
            ("id = 281474976710656", []), ("id = 0 or id = 72057594037927935", [1]),
            ("(reason = rejected or reason = expired) and not (source = mail)", [1, 2]),
            ("reason = rejected and size < 5 or source = mail", [2, 3]), ("", [1, 2, 3, 4]),
        ])
    func comparisons(text: String, expected: [Int]) throws {
        let broker = try BrokerFixture()
        let dead = try deadLetters(broker)
        let bodies = [#"{"order":{"id":7,"sku":"A-1"}}"#, "two", "mail", "none"]
        #expect(try matching(text, dead, broker) == expected.map { bodies[$0 - 1] }, "\(text)")
    }

    @Test("an undeliverable message tells why, where and with which key it is to leave")
    func undeliverable() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-dead-letter-exchange": .string("nowhere")])
        try broker.publish("a", key: "q")
        guard case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: NoWaiter()) else {
            Issue.record("no message")
            return
        }
        queue.reject(entry, from: nil)
        broker.core.endBurst()
        for text in ["reason = rejected", "source = q", "death.key = q", "deaths = 0", "first.reason not exists"] {
            #expect(try matching(text, queue, broker) == ["a"], "\(text)")
        }
    }

    @Test("what is too large to decide on is neither matched nor not, and is counted")
    func undecided() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish(String(repeating: "a", count: FilterLimits.patternBytesMax + 1), key: "q")
        try broker.publish(String(repeating: "a", count: FilterLimits.searchBytesMax + 1), key: "q")
        try broker.publish("short", key: "q")
        broker.core.endBurst()
        func count(_ text: String) throws -> [Int] {
            let request = BrowseRequest(filter: try MessageFilter(text))
            let count: MessageCount = try Browsing.wait(broker.core, broker.clock) { then in
                queue.count(request, then: then)
            }.get()
            #expect(count.scanned == 3 && count.isComplete)
            return [count.matched, count.undecided]
        }
        #expect(try count("body ~ '^s.*t$'") == [1, 2])
        #expect(try count("not body ~ '^s.*t$'") == [0, 2])
        #expect(try count("body contains b") == [0, 1])
        #expect(try count("$.a = 1") == [0, 1])
        #expect(try count("$.a = 1 or size > 0") == [3, 0])
        #expect(try count("$.a = 1 and size = 0") == [0, 0])
        // Some hundred states for each byte: the steps end before the text does.
        #expect(try count("size = 65536 or body ~ '(a|b?){200}c'")[1] >= 2)
        #expect(try count("size = 5 and body ~ '(a|b?){200}c'")[1] == 0)
    }

    @Test("regular expressions share the steps that a message may take, and looking around counts as well")
    func sharedSteps() throws {
        let text = Array(String(repeating: "a", count: 50_000).utf8)
        func steps(_ pattern: String) throws -> Int {
            var stepsLeft = Int.max
            let isMatch = try text.withUnsafeBytes { try BytePattern(pattern).matches($0, stepsLeft: &stepsLeft) }
            #expect(isMatch == false)
            return Int.max - stepsLeft
        }
        // None of the bytes can begin a match.
        #expect(try steps("z") < 10_000)
        #expect(try steps("a[yz]") > 90_000)
        #expect(try steps(#"(?:\B){40}z"#) > 40 * 49_000)
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        try broker.publish(String(repeating: "a", count: 50_000), key: "q")
        broker.core.endBurst()
        let parts = Array(repeating: "body ~ 'a[yz]'", count: 3)
        for (filter, undecided) in [(parts[0], 0), (parts.joined(separator: " or "), 1)] {
            let request = BrowseRequest(filter: try MessageFilter(filter))
            let count: MessageCount = try Browsing.wait(broker.core, broker.clock) { then in
                queue.count(request, then: then)
            }.get()
            #expect(count.undecided == undecided, "\(filter)")
        }
    }

    @Test(
        "all that a filter does with a message is bounded",
        arguments: [
            (Array(repeating: "$.x = 1", count: 10).joined(separator: " or "), 1), ("$.x = 1 or $.y = 1", 0),
            (Array(repeating: "body contains z", count: 10).joined(separator: " or "), 1), ("body contains z", 0),
            ("$.a[*] in (\((1...1000).map { "\($0)" }.joined(separator: ",")))", 1), ("$.a[*] in (1, 2)", 0),
            ("size = 60000 and body like '*\(String(repeating: "a", count: 10_000))b*'", 1), ("body like '*b'", 1),
            ("size = 60000 and body like '*b'", 0),
            // What is too much for one comparison leaves another its part.
            ("(\(Array(repeating: "$.x = 1", count: 10).joined(separator: " or "))) and size = 1", 0),
        ])
    func boundedWork(filter: String, undecided: Int) throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        let list = String(repeating: "0,", count: 450_000)
        try broker.publish("{\"a\": [\(list)0]}", key: "q")
        try broker.publish(String(repeating: "a", count: 60_000), key: "q")
        broker.core.endBurst()
        let request = BrowseRequest(filter: try MessageFilter(filter))
        let count: MessageCount = try Browsing.wait(broker.core, broker.clock) { then in
            queue.count(request, then: then)
        }.get()
        #expect(count.undecided == undecided && count.matched == 0)
    }

    @Test("ids are gone to, whatever stands between them")
    func idsAreGoneTo() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q", ["x-max-priority": .int32(2)])
        for number in 0..<900 {
            try broker.publish("\(number)", key: "q", BasicProperties(priority: UInt8(number % 3)))
        }
        broker.core.endBurst()
        let all = try Browsing.all(queue, broker.core, broker.clock)
        let chosen = [all[5], all[299], all[300], all[899]]
        let text = "id in (\(chosen.reversed().map { "\($0.id)" }.joined(separator: ",")))"
        for limit in [1, 3, 4, 100] {
            var found: [String] = []
            var cursor: MessageID?
            repeat {
                let page = try Browsing.page(
                    queue, broker.core, broker.clock,
                    BrowseRequest(cursor: cursor, limit: limit, bodyBytesMax: 9, filter: try MessageFilter(text)))
                found += page.messages.map(\.bodyText)
                #expect(page.scanned <= 4)
                cursor = page.next
            } while cursor != nil
            #expect(found == chosen.map(\.bodyText), "limit \(limit)")
        }
    }

    @Test("integers that 64 bits have no room for are told apart")
    func largeIntegers() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for digit in 0..<2 { try broker.publish("{\"id\": 1234567890123456789\(digit)}", key: "q") }
        broker.core.endBurst()
        let found = try matching("$.id = 12345678901234567890", queue, broker)
        #expect(found == ["{\"id\": 12345678901234567890}"])
        #expect(try matching("$.id > 12345678901234500000", queue, broker).count == 2)
        let key = try GroupKey("$.id")
        let groups = try Browsing.wait(broker.core, broker.clock) { then in
            queue.group(BrowseRequest(), by: key, limit: 10, then: then)
        }.get()
        #expect(groups.groups.map(\.key).contains("12345678901234567891") && groups.groupCount == 2)
    }
}
