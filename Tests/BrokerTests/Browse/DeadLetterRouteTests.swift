import AMQPProtocol
import Testing

@testable import Broker

/// Which queues dead letters come to, told without sending one.
@Suite struct DeadLetterRouteTests {
    private func exchange(_ broker: BrokerFixture, _ name: String, _ type: String) throws -> Exchange {
        try broker.host.declareExchange(name, ExchangeProperties(type: type, isDurable: true))
        return try broker.host.existingExchange(name)
    }

    private func bind(_ broker: BrokerFixture, _ source: String, _ target: BindingTarget, _ key: String) throws {
        try broker.host.bind(
            try broker.host.existingExchange(source), to: target, routingKey: key, arguments: [:])
    }

    private func reached(_ broker: BrokerFixture, _ exchange: String, _ key: String?) throws -> [String] {
        try broker.host.queuesReached(by: DeadLetterRoute(exchange: exchange, routingKey: key))
    }

    @Test("the default exchange leads to the queue of the key")
    func defaultExchange() throws {
        let broker = try BrokerFixture()
        try broker.queue("dead")
        #expect(try reached(broker, "", "dead") == ["dead"])
        #expect(try reached(broker, "", "other") == [])
        #expect(try reached(broker, "", nil) == [])
        #expect(try reached(broker, "nowhere", "dead") == [])
    }

    @Test("with a key, what it is routed to; without one, any binding")
    func keys() throws {
        let broker = try BrokerFixture()
        for name in ["a", "b", "c"] { try broker.queue(name) }
        _ = try exchange(broker, "direct", "direct")
        _ = try exchange(broker, "topic", "topic")
        for (name, key) in [("a", "k1"), ("b", "k2")] {
            try bind(broker, "direct", .queue(try broker.host.existingQueue(name)), key)
        }
        for (name, key) in [("a", "x.#"), ("b", "*.y"), ("c", "z")] {
            try bind(broker, "topic", .queue(try broker.host.existingQueue(name)), key)
        }
        #expect(try reached(broker, "direct", "k1") == ["a"])
        #expect(try reached(broker, "direct", nil) == ["a", "b"])
        #expect(try reached(broker, "topic", "x.y") == ["a", "b"])
        #expect(try reached(broker, "topic", "z") == ["c"])
    }

    @Test("exchanges bound to exchanges are followed, in circles too, and an alternate exchange where nothing matches")
    func chains() throws {
        let broker = try BrokerFixture()
        let dead = try broker.queue("dead")
        let rest = try broker.queue("rest")
        let first = try exchange(broker, "first", "fanout")
        let second = try exchange(broker, "second", "topic")
        _ = try exchange(broker, "headers", "headers")
        try bind(broker, "first", .exchange(second), "")
        try bind(broker, "second", .exchange(first), "#")
        try bind(broker, "second", .queue(dead), "orders.*")
        #expect(try reached(broker, "first", "orders.x") == ["dead"])
        #expect(try reached(broker, "first", "invoices") == [])
        try bind(broker, "headers", .queue(rest), "whatever")
        try broker.host.declareExchange(
            "picky",
            ExchangeProperties(
                type: "direct", isDurable: true, arguments: ["alternate-exchange": .string("headers")]))
        #expect(try reached(broker, "picky", "unbound") == ["rest"])
    }

    @Test("arguments and policies name the route, and facts tell of both")
    func facts() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("work", ["x-dead-letter-exchange": .string("dlx")])
        #expect(queue.facts.deadLetterRoute == DeadLetterRoute(exchange: "dlx", routingKey: nil))
        let policy = try Policy(
            name: "dead",
            value: [
                "pattern": .string("w"),
                "definition": .table(["dead-letter-routing-key": .string("k"), "dead-letter-exchange": .string("no")]),
            ])
        try broker.host.setPolicy(policy, isOperator: false)
        let facts = queue.facts
        #expect(facts.deadLetterRoute == DeadLetterRoute(exchange: "dlx", routingKey: "k"))
        #expect(facts.policy == "dead" && facts.operatorPolicy == nil && facts.type == "classic")
        #expect(try broker.queue("other").facts.policy == nil)
    }
}
