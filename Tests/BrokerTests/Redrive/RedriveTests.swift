import AMQPProtocol
import Testing

@testable import Broker

/// Dead letters are moved back.
@Suite struct RedriveTests {
    @Test("a plan tells what would be moved where, and moves nothing")
    func plan() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b", "gone"])
        try moving.kill(["1", "22"], in: "a")
        try moving.kill(["333"], in: "b")
        try moving.kill(["4"], in: "gone")
        try moving.broker.publish("none", key: "dead")
        moving.core.endBurst()
        _ = try moving.broker.host.deleteQueue(try moving.queue("gone"), ifUnused: false, ifEmpty: false)
        let plan = try moving.plan("dead", RedriveRequest())
        #expect(plan.scanned == 5 && plan.matched == 5 && plan.messages == 3 && plan.bytes == 6)
        #expect(plan.targets.map(\.queue) == ["a", "b"] && plan.targets.map(\.messages) == [2, 1])
        #expect(plan.targets.map(\.bytes) == [3, 3] && plan.stays == [.unroutable: 1, .noDeath: 1])
        #expect(plan.highWaterMarks == [5] && plan.hash.count == 12)
        #expect(try moving.bodies("dead") == ["1", "22", "333", "4", "none"] && moving.bodies("a").isEmpty)
        #expect(try moving.plan("dead", RedriveRequest()).hash == plan.hash)
        #expect(try moving.plan("dead", RedriveRequest(destination: .queue("a"))).hash != plan.hash)
    }

    @Test("messages go back to their exchange and key, marked, and are gone from where they were")
    func original() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        let properties = BasicProperties(
            contentType: "text/plain", headers: ["h": .table(["x": .int8(1)]), "empty": .string("")], deliveryMode: 2,
            priority: 4, correlationID: "c", replyTo: "r", messageID: "m", timestamp: 9, type: "t", appID: "app",
            clusterID: "cl")
        try moving.kill(["1", "2"], in: "a", properties)
        try moving.kill(["3"], in: "b", properties)
        let task = try moving.move()
        #expect(task.status == .done && task.moved == 3 && task.movedBytes == 3 && task.staysCount == 0)
        #expect(try moving.bodies("dead").isEmpty && moving.bodies("a") == ["1", "2"] && moving.bodies("b") == ["3"])
        let message = try #require(try moving.messages("a").first)
        #expect(message.exchange == "work" && message.routingKey == "a" && !message.isRedelivered)
        var headers = try #require(message.properties.headers)
        #expect(headers["x-redriven-count"] == .int64(1) && headers["x-redriven-by"] == .string("guest"))
        #expect(headers["x-redriven-task"] == .string("\(task.id)"))
        #expect(headers["x-redriven-at"] == .timestamp(moving.broker.clock.milliseconds / 1000))
        #expect(headers["x-death"]?.arrayValue?.count == 1 && headers["x-first-death-queue"] == .string("a"))
        for name in headers.entries.map(\.name) where name.hasPrefix("x-") { headers[name] = nil }
        var expected = properties
        expected.headers = ["h": .table(["x": .int8(1)]), "empty": .string("")]
        var found = message.properties
        found.headers = headers
        #expect(found == expected)
    }

    @Test("another death counts on, and so does another move")
    func again() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.kill(["1"], in: "a")
        for count in 1...3 {
            #expect(try moving.move().moved == 1)
            let message = try #require(try moving.messages("a").first)
            #expect(message.properties.headers?["x-redriven-count"] == .int64(Int64(count)))
            try moving.rejectAll(in: "a")
            let deaths = try moving.messages("dead").first?.properties.headers?["x-death"]?.arrayValue
            #expect(deaths?.count == 1 && deaths?.first?.tableValue?["count"] == .int64(Int64(count + 1)))
        }
    }

    @Test("deaths, time to live and priority are changed where that is asked for")
    func changes() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.broker.queue("p", ["x-max-priority": .int32(5)])
        try moving.kill(["1"], in: "a", BasicProperties(deliveryMode: 2, priority: 3))
        var options = RedriveOptions()
        options.deaths = .reset
        options.expiration = .set(900_000_000)
        options.priority = .set(2)
        try moving.move("dead", RedriveRequest(destination: .queue("p"), options: options))
        let message = try #require(try moving.messages("p").first)
        #expect(message.properties.expiration == "900000000" && message.properties.priority == 2)
        #expect(message.deadlineMilliseconds == message.publishedAtMilliseconds + 900_000_000)
        #expect(MessageID(rawValue: message.id.rawValue).place.line == 2)
        let names = message.properties.headers?.entries.map(\.name) ?? []
        #expect(names.sorted() == ["x-redriven-at", "x-redriven-by", "x-redriven-count", "x-redriven-task"])
        options.expiration = .clear
        options.priority = .clear
        try moving.move("p", RedriveRequest(destination: .queue("dead"), options: options))
        let back = try #require(try moving.messages("dead").first)
        #expect(
            back.properties.expiration == nil && back.properties.priority == nil && back.deadlineMilliseconds == nil)
    }

    @Test("the oldest death is another than the newest, and a queue alone is no fan-out")
    func whichDeath() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let host = try moving.broker.host
        // Through `a`, then `second`, to `dead`.
        let second = try moving.broker.queue(
            "second", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("dead")])
        try moving.broker.queue(
            "first", ["x-dead-letter-exchange": .string(""), "x-dead-letter-routing-key": .string("second")])
        let copy = try moving.broker.queue("copy")
        _ = try host.declareExchange("fan", ExchangeProperties(type: "fanout", isDurable: true))
        for queue in [try moving.queue("first"), copy] {
            try host.bind(try host.existingExchange("fan"), to: .queue(queue), routingKey: "", arguments: [:])
        }
        func kill() throws {
            try moving.broker.publish("x", to: "fan", key: "k", BasicProperties(deliveryMode: 2))
            moving.core.endBurst()
            try moving.rejectAll(in: "first")
            try moving.rejectAll(in: "second")
        }
        for (destination, counts) in [
            (RedriveDestination.original(.newest), [0, 1, 1]), (.original(.oldest), [1, 0, 2]),
            (.originalQueue(.newest), [0, 1, 1]), (.originalQueue(.oldest), [1, 0, 1]),
        ] {
            try kill()
            #expect(try moving.move("dead", RedriveRequest(destination: destination)).moved == 1)
            let found = [try moving.queue("first").readyCount, second.readyCount, copy.readyCount]
            #expect(found == counts, "\(destination)")
            if case .originalQueue(.oldest) = destination {
                #expect(try moving.messages("first").first?.exchange == "fan")
                #expect(try moving.messages("first").first?.routingKey == "k")
            }
            for queue in [try moving.queue("first"), second, copy] { _ = queue.purge() }
        }
    }

    @Test("to an exchange with another key or each message's own, and to a queue")
    func given() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b", "dead2"])
        try moving.kill(["1"], in: "a")
        try moving.move("dead", RedriveRequest(destination: .exchange("work", routingKey: "b")))
        #expect(try moving.bodies("b") == ["1"])
        // Its own key is `b` now.
        try moving.move("b", RedriveRequest(destination: .queue("dead2")))
        try moving.move("dead2", RedriveRequest(destination: .exchange("work", routingKey: nil)))
        #expect(try moving.bodies("b") == ["1"])
        for destination in [RedriveDestination.exchange("none", routingKey: nil), .queue("none")] {
            #expect(throws: AMQPException.self) {
                _ = try moving.plan("dead", RedriveRequest(destination: destination))
            }
        }
    }

    @Test("what finds no queue, a full one, or has been moved too often stays, and is listed")
    func stays() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        try moving.broker.queue("full", ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        try moving.kill(["1", "2", "3"], in: "a")
        let task = try moving.move("dead", RedriveRequest(destination: .queue("full")))
        #expect(task.status == .done && task.moved == 1 && task.stays == [.refused: 2])
        #expect(task.left.map(\.id.rawValue) == [1, 2] && task.left.map(\.cause) == [.refused, .refused])
        #expect(try moving.bodies("dead") == ["2", "3"])
        var options = RedriveOptions()
        options.redrivenMax = 1
        let again = try moving.move("full", RedriveRequest(destination: .queue("b"), options: options))
        #expect(again.moved == 0 && again.stays == [.redrivenTooOften: 1])
        #expect(try moving.bodies("full") == ["1"])
        let nowhere = try moving.move("dead", RedriveRequest(destination: .exchange("work", routingKey: "nowhere")))
        #expect(nowhere.stays == [.unroutable: 2])
    }

    @Test("what comes in after the plan was made is not swept in; a move to the same queue comes to an end")
    func highWaterMark() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.kill(["1", "2"], in: "a")
        let plan = try moving.plan("dead", RedriveRequest())
        try moving.kill(["3"], in: "a")
        #expect(try moving.finish(try moving.start(plan)).moved == 2)
        #expect(try moving.bodies("dead") == ["3"])
        try moving.kill(["4"], in: "a")
        #expect(try moving.move("dead", RedriveRequest(destination: .queue("dead"))).moved == 4 - 2 + 2)
        #expect(try moving.bodies("dead").sorted() == ["1", "2", "3", "4"].sorted())
    }

    @Test("the newest first, of each priority, and no more than so many", arguments: [false, true])
    func order(withIDs: Bool) throws {
        let moving = try Redriving()
        try moving.declare(["a"], dead: ["x-max-priority": .int32(1)])
        for number in 0..<700 {
            try moving.broker.publish(
                "\(number)", key: "dead", BasicProperties(deliveryMode: 2, priority: UInt8(number % 2)))
        }
        moving.core.endBurst()
        var options = RedriveOptions()
        options.order = .newest
        options.limit = 400
        let filter = withIDs ? "id in (\((0..<350).map { "\($0)" }.joined(separator: ","))) or age >= 0s" : ""
        let request = RedriveRequest(
            filter: try MessageFilter(filter), destination: .queue("a"), options: options)
        #expect(try moving.plan("dead", request).messages == 400)
        #expect(try moving.move("dead", request).moved == 400)
        let expected = (0..<350).map { 699 - 2 * $0 } + (0..<50).map { 698 - 2 * $0 }
        #expect(try moving.bodies("a") == expected.map { "\($0)" })
        #expect(try moving.queue("dead").readyCount == 300)
        options.order = .oldest
        options.limit = 2
        try moving.move(
            "a",
            RedriveRequest(filter: try MessageFilter("id in (3, 1, 2)"), destination: .queue("dead"), options: options))
        #expect(try moving.queue("a").readyCount == 398)
        #expect(try moving.messages("a").prefix(2).map(\.id.rawValue) == [0, 3])
        options.order = .newest
        options.limit = nil
        try moving.move(
            "a",
            RedriveRequest(
                filter: try MessageFilter("id in (3, 5, 399)"), destination: .queue("dead"), options: options))
        #expect(try moving.queue("a").readyCount == 395)
    }

    @Test(
        "an undeliverable message is moved as a dead letter: its time to live is over, and its headers say how it died")
    func expired() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let stuck = try moving.broker.queue("stuck", ["x-dead-letter-exchange": .string("nowhere")])
        try moving.broker.publish("late", key: "stuck", BasicProperties(deliveryMode: 2, expiration: "5"))
        moving.core.endBurst()
        for _ in 0..<10 { moving.turn() }
        moving.broker.advance(milliseconds: 100)
        try #require(stuck.undeliverableCount == 1)
        #expect(try moving.move("stuck", RedriveRequest(states: .undeliverable, destination: .queue("a"))).moved == 1)
        moving.broker.advance(milliseconds: 1000)
        let channel = RecordingChannel()
        try moving.broker.consume(try moving.queue("a"), on: channel)
        #expect(channel.bodies == ["late"])
        let death = channel.received.first?.headers["x-death"]?.arrayValue?.first?.tableValue
        #expect(death?["reason"] == .string("expired") && death?["queue"] == .string("stuck"))
        #expect(death?["original-expiration"] == .string("5"))
    }

    @Test("undeliverable messages are moved, what consumers hold is not")
    func states() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let stuck = try moving.broker.queue("stuck", ["x-dead-letter-exchange": .string("nowhere")])
        for body in ["1", "2", "held"] {
            try moving.broker.publish(body, key: "stuck", BasicProperties(deliveryMode: 2))
        }
        moving.core.endBurst()
        try moving.rejectAll(in: "stuck")
        try moving.broker.publish("new", key: "stuck", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        let channel = RecordingChannel()
        try moving.broker.consume(stuck, on: channel, prefetch: 1)
        #expect(stuck.undeliverableCount == 3 && channel.bodies == ["new"])
        let request = RedriveRequest(
            filter: try MessageFilter("body != held"), states: .undeliverable, destination: .queue("a"))
        #expect(try moving.move("stuck", request).moved == 2)
        #expect(try moving.bodies("a") == ["1", "2"])
        for _ in 0..<10 { moving.turn() }
        #expect(stuck.undeliverableCount == 1)
        #expect(throws: RedriveError.self) {
            _ = try moving.plan("stuck", RedriveRequest(states: [.ready, .unacked], destination: .queue("a")))
        }
        #expect(try moving.move("stuck", RedriveRequest(states: .undeliverable)).moved == 1)
        #expect(try moving.queue("stuck").readyCount == 1)
    }
}
