import AMQPProtocol
import Foundation
import Testing

@testable import Broker

@Suite struct PublishFilterTests {
    private let broker: StorageFixture

    init() throws {
        broker = try StorageFixture(extensions: RememberingFilter.extensions())
    }

    private static let remembers: FieldTable = [RememberingFilter.argument: .int32(100)]

    private func exchange(_ name: String, _ arguments: FieldTable = remembers) throws -> Exchange {
        try broker.host.declareExchange(
            name, ExchangeProperties(type: "fanout", isDurable: true, arguments: arguments))
        return try broker.host.existingExchange(name)
    }

    private func filter(_ exchange: Exchange) throws -> RememberingFilter {
        try #require(exchange.filter as? RememberingFilter)
    }

    private func filter(_ queue: Queue) throws -> RememberingFilter {
        try #require(queue.filter as? RememberingFilter)
    }

    @discardableResult
    private func publish(_ id: String, to exchange: String = "", key: String = "q") throws -> PublishOutcome {
        try broker.publish(id, to: exchange, key: key, headers: ["id": .string(id)])
    }

    @Test("what has no such argument has no filter, and one that it can't have is refused before anything is made")
    func making() throws {
        #expect(try exchange("plain", [:]).filter === nil)
        #expect(try broker.queue("q").filter === nil)
        let bad: FieldTable = [RememberingFilter.argument: .string("many")]
        #expect(throws: AMQPException.channel(.preconditionFailed, "not a number")) {
            _ = try exchange("bad", bad)
        }
        #expect(throws: AMQPException.channel(.preconditionFailed, "not a number")) {
            _ = try broker.queue("bad", bad)
        }
        #expect(broker.host.exchange(named: "bad") === nil)
        #expect(broker.host.queue(named: "bad") === nil)
    }

    @Test("an exchange's filter is asked once, before routing, and what it keeps out counts as taken")
    func exchangeFilter() throws {
        let exchange = try exchange("x")
        let queues = [try broker.queue("a"), try broker.queue("b")]
        for queue in queues { try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:]) }
        #expect(try publish("1", to: "x") == .enqueued(mustBeDurable: true))
        #expect(try publish("1", to: "x") == .filtered)
        #expect(try publish("2", to: "x") == .enqueued(mustBeDurable: true))
        #expect(queues.map(\.readyCount) == [2, 2])
        #expect(try filter(exchange).askedCount == 3)
        #expect(exchange.filteredCount == 1)
    }

    @Test("a queue's filter is asked once for each message that is routed there; the other queues get it")
    func queueFilter() throws {
        let exchange = try exchange("x", [:])
        let filtered = try broker.queue("a", Self.remembers)
        let plain = try broker.queue("b")
        for queue in [filtered, plain] {
            try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        }
        #expect(try publish("1", to: "x") == .enqueued(mustBeDurable: true))
        #expect(try publish("1", to: "x") == .enqueued(mustBeDurable: true))
        #expect(try publish("1", key: "a") == .filtered)
        #expect([filtered, plain].map(\.readyCount) == [1, 2])
        #expect(filtered.filteredCount == 2)
        let entry = try #require(try filter(filtered).accepted.first)
        #expect(try filter(filtered).isInQueue(entry.acceptance.sequence))
        _ = filtered.purge()
        #expect(try !filter(filtered).isInQueue(entry.acceptance.sequence))
    }

    @Test("a filter behind a binding of exchanges is asked as well")
    func behindABinding() throws {
        let (first, second) = (try exchange("first", [:]), try exchange("second"))
        let (a, b) = (try broker.queue("a"), try broker.queue("b"))
        try broker.host.bind(first, to: .exchange(second), routingKey: "", arguments: [:])
        try broker.host.bind(first, to: .queue(a), routingKey: "", arguments: [:])
        try broker.host.bind(second, to: .queue(b), routingKey: "", arguments: [:])
        try publish("1", to: "first")
        #expect(try publish("1", to: "first") == .enqueued(mustBeDurable: true))
        #expect([a, b].map(\.readyCount) == [2, 1])
    }

    @Test("what no queue takes, or one refuses, may come again")
    func notAccepted() throws {
        let exchange = try exchange("x")
        #expect(try publish("1", to: "x") == .unroutable)
        #expect(try publish("1", to: "x") == .unroutable)
        let full = try broker.queue("full", ["x-max-length": .int32(0), "x-overflow": .string("reject-publish")])
        try broker.host.bind(exchange, to: .queue(full), routingKey: "", arguments: [:])
        #expect(try publish("1", to: "x") == .rejected)
        let queue = try broker.queue("q", Self.remembers)
        try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        #expect(try publish("1", to: "x") == .rejected)
        #expect(try filter(exchange).accepted.isEmpty)
        // The queue that took it has it.
        #expect(try publish("1", to: "x") == .rejected)
        #expect(queue.readyCount == 1)
    }

    @Test("what the broker moves is not asked about, and queues are told of it")
    func deadLetters() throws {
        let dead = try exchange("dead")
        let graves = try broker.queue("graves", Self.remembers)
        try broker.host.bind(dead, to: .queue(graves), routingKey: "", arguments: [:])
        let queue = try broker.queue("q", ["x-dead-letter-exchange": .string("dead")])
        for _ in 0..<2 { try publish("1") }
        for received in try broker.take(queue, count: 2) { queue.reject(received.entry, from: nil) }
        broker.settle()
        #expect(graves.readyCount == 2)
        #expect(try filter(dead).askedCount == 0 && filter(graves).askedCount == 0)
        #expect(try filter(graves).accepted.map(\.id) == ["1", "1"])
        #expect(try publish("1", key: "graves") == .filtered)
    }

    @Test("what is delivered later is asked about once: by its exchange as it comes, by queues as it goes")
    func scheduled() throws {
        let exchange = try exchange("x")
        let queue = try broker.queue("q", Self.remembers)
        try broker.host.bind(exchange, to: .queue(queue), routingKey: "", arguments: [:])
        let headers: FieldTable = ["id": .string("1"), "x-delay": .int32(1000)]
        #expect(try broker.publish("1", to: "x", key: "", headers: headers) == .enqueued(mustBeDurable: true))
        #expect(try filter(exchange).ids == ["1"])
        #expect(try filter(queue).ids == [])
        try broker.stop(.crashWithoutCheckpoint)
        #expect(try publish("1", to: "x") == .filtered)
        broker.clock.advance(milliseconds: 2000)
        broker.core.runTimers()
        broker.settle()
        let restored = try #require(broker.host.queue(named: "q"))
        #expect(restored.readyCount == 1)
        #expect(try filter(restored).ids == ["1"])
        try broker.stop(.crashWithoutCheckpoint)
        #expect(broker.host.queue(named: "q")?.readyCount == 1)
        #expect(broker.host.scheduledMessages?.readyCount == 0)
        #expect(try publish("1") == .filtered)
    }

    @Test("in a transaction filters are asked as it is committed")
    func transaction() throws {
        let queue = try broker.queue("q", Self.remembers)
        var outcomes: [PublishOutcome?] = []
        broker.core.asOneGroup {
            for id in ["1", "1", "2"] { outcomes.append(try? publish(id)) }
        }
        #expect(outcomes == [.enqueued(mustBeDurable: true), .filtered, .enqueued(mustBeDurable: true)])
        #expect(queue.readyCount == 2)
        try broker.stop(.crashWithoutCheckpoint)
        #expect(try filter(try #require(broker.host.queue(named: "q"))).ids == ["1", "2"])
    }

    @Test("nothing of a transient message is kept, nor of what does not outlive the process")
    func transient() throws {
        let queue = try broker.queue("q", Self.remembers)
        try broker.publish("t", key: "q", isPersistent: false, headers: ["id": .string("t")])
        #expect(try filter(queue).accepted.map(\.acceptance.isDurable) == [false])
        let transient = try broker.host.declareQueue(
            "t", QueueProperties(isDurable: false, arguments: Self.remembers), by: nil)
        #expect(try !filter(transient).state.isDurable)
        let before = broker.core.journal.count
        try filter(transient).state.put([1], at: 1)
        #expect(broker.core.journal.count == before)
    }

    @Test("two plugins' filters both have to let a message pass")
    func chain() throws {
        var extensions = RememberingFilter.extensions()
        extensions.publishFilters.register("other") { owner, state throws(AMQPException) in
            owner.arguments[RememberingFilter.argument] == nil ? nil : RememberingFilter(state, countMax: 2)
        }
        let broker = try StorageFixture(extensions: extensions)
        let queue = try broker.queue("q", Self.remembers)
        for id in ["1", "1", "2", "3", "1"] { try broker.publish(id, key: "q", headers: ["id": .string(id)]) }
        #expect(queue.readyCount == 3)
        #expect(queue.filteredCount == 2)
        try broker.stop(.crash)
        let restored = try #require(broker.host.queue(named: "q"))
        #expect(try broker.publish("3", key: "q", headers: ["id": .string("3")]) == .filtered)
        #expect(restored.readyCount == 3)
    }
}
