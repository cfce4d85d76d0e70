import AMQPProtocol
import Definitions
import Testing

@testable import Broker

/// Policies: which one counts, what they and arguments say together, and what becomes of queues that are there.
@Suite struct PolicyTests {
    private func policy(
        _ name: String, _ pattern: String, _ definition: FieldTable, to target: PolicyDefinition.Target = .all,
        priority: Int = 0
    ) -> PolicyDefinition {
        PolicyDefinition(
            vhost: "/", name: name, pattern: pattern, applyTo: target, priority: priority, definition: definition,
            location: SourceLocation(file: "test.yaml", line: 1, column: 1))
    }

    private func apply(
        _ policies: [PolicyDefinition] = [], operators: [PolicyDefinition] = [], to broker: BrokerFixture
    ) throws {
        var set = DefinitionSet()
        set.policies = policies
        set.operatorPolicies = operators
        try broker.core.apply(set)
        broker.core.endBurst()
    }

    // MARK: Which one counts

    @Test("the one with the highest priority counts, the first by name among equals, and it alone")
    func priority() throws {
        let broker = try BrokerFixture()
        try apply(
            [
                policy("b", "^q", ["max-length": .int32(1), "expires": .int32(5)]),
                policy("a", "^q", ["max-length": .int32(2)]),
                policy("z", "^q1$", ["max-length": .int32(3)], priority: 1),
            ], to: broker)
        #expect(try broker.queue("q").settings.limits.maxLength == 2)
        #expect(try broker.queue("q").settings.limits.expiresMilliseconds == nil)
        #expect(try broker.queue("q1").settings.limits.maxLength == 3)
        #expect(try broker.queue("other").settings.limits.maxLength == nil)
    }

    @Test(
        "a policy applies to what it names",
        arguments: [
            (PolicyDefinition.Target.all, [true, true]), (.queues, [true, true]), (.classicQueues, [true, false]),
            (.quorumQueues, [false, true]), (.streams, [false, false]), (.exchanges, [false, false]),
        ])
    func target(_ target: PolicyDefinition.Target, _ expected: [Bool]) throws {
        let broker = try BrokerFixture()
        try apply([policy("p", ".*", ["max-length": .int32(7)], to: target)], to: broker)
        let queues = [try broker.queue("classic"), try broker.queue("quorum", ["x-queue-type": .string("quorum")])]
        #expect(queues.map { $0.settings.limits.maxLength == 7 } == expected)
    }

    @Test("a policy with a key for queues of another type is none for a queue, and the next one counts")
    func foreignKeys() throws {
        let broker = try BrokerFixture()
        try apply(
            [
                policy("low", ".*", ["max-length": .int32(1)]),
                policy("for quorum", ".*", ["max-length": .int32(2), "delivery-limit": .int32(9)], priority: 1),
                policy("for classic", "mirrored", ["max-length": .int32(3), "ha-mode": .string("all")], priority: 2),
            ], to: broker)
        let quorum: FieldTable = ["x-queue-type": .string("quorum")]
        #expect(try broker.queue("c").settings.limits.maxLength == 1)
        #expect(try broker.queue("q", quorum).settings.limits.maxLength == 2)
        #expect(try broker.queue("c mirrored").settings.limits.maxLength == 3)
        #expect(try broker.queue("q mirrored", quorum).settings.limits.maxLength == 2)
    }

    // MARK: Arguments, policies, operator policies

    @Test("of numbers the smallest counts")
    func numbers() throws {
        let broker = try BrokerFixture()
        let numbers: FieldTable = [
            "message-ttl": .int32(200), "expires": .int32(20000), "max-length": .int32(20),
            "max-length-bytes": .int32(2000),
        ]
        try apply(
            [policy("p", ".*", numbers)],
            operators: [policy("o", "small", ["message-ttl": .int32(50), "max-length": .int32(90)])], to: broker)
        let mine = try broker.queue("mine", ["x-message-ttl": .int32(100), "x-max-length": .int32(30)]).settings
        #expect(mine.limits.messageTTLMilliseconds == 100 && mine.limits.maxLength == 20)
        #expect(mine.limits.expiresMilliseconds == 20000 && mine.limits.maxLengthBytes == 2000)
        let small = try broker.queue("small", ["x-message-ttl": .int32(100)]).settings
        #expect(small.limits.messageTTLMilliseconds == 50 && small.limits.maxLength == 20)
    }

    @Test("of names and behaviour the argument counts; an operator decides on overflow before a policy")
    func names() throws {
        let broker = try BrokerFixture()
        try apply(
            [
                policy(
                    "p", ".*",
                    [
                        "dead-letter-exchange": .string("policy"), "dead-letter-routing-key": .string("key"),
                        "overflow": .string("reject-publish"),
                    ])
            ],
            operators: [
                policy(
                    "o", "operated",
                    ["overflow": .string("drop-head"), "dead-letter-exchange": .string("ignored")])
            ], to: broker)
        let mine = try broker.queue("mine", ["x-dead-letter-exchange": .string("argument")]).settings
        #expect(mine.deadLetterExchange == "argument" && mine.deadLetterRoutingKey == "key")
        #expect(mine.overflow == .rejectPublish)
        let named = try broker.queue("named", ["x-overflow": .string("drop-head")]).settings
        #expect(named.overflow == .dropHead && named.deadLetterExchange == "policy")
        let operated = try broker.queue("operated").settings
        #expect(operated.overflow == .dropHead && operated.deadLetterExchange == "policy")
    }

    @Test("a routing key for dead letters without an exchange says nothing")
    func routingKeyAlone() throws {
        let broker = try BrokerFixture()
        try apply([policy("p", ".*", ["dead-letter-routing-key": .string("key")])], to: broker)
        #expect(try broker.queue("q").settings.deadLetterRoutingKey == nil)
    }

    @Test(
        "of delivery limits the smaller one counts, the larger one if one is negative; quorum queues alone have any",
        arguments: [
            (nil, 5, 5), (3, 5, 3), (5, 3, 3), (-1, 5, 5), (5, -1, 5), (-1, nil, nil), (nil, nil, 20),
        ] as [(Int32?, Int32?, Int?)])
    func deliveryLimits(_ argument: Int32?, _ inPolicy: Int32?, _ expected: Int?) throws {
        let broker = try BrokerFixture()
        if let inPolicy { try apply([policy("p", ".*", ["delivery-limit": .int32(inPolicy)])], to: broker) }
        var arguments: FieldTable = ["x-queue-type": .string("quorum")]
        if let argument { arguments["x-delivery-limit"] = .int32(argument) }
        #expect(try broker.queue("q", arguments).settings.deliveryLimit == expected)
        #expect(try broker.queue("classic").settings.deliveryLimit == nil)
    }

    // MARK: At once

    @Test("a limit takes effect on what is there")
    func limitOnExistingQueue() throws {
        let broker = try BrokerFixture()
        let queue = try broker.queue("q")
        for number in 0..<10 { try broker.publish("\(number)", key: "q") }
        broker.core.endBurst()
        try apply([policy("p", "^q$", ["max-length": .int32(3)])], to: broker)
        #expect(queue.readyCount == 3)
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == ["7", "8", "9"])
    }

    @Test("dead letters go where a policy says, from the moment on when it comes")
    func deadLettersOfExistingQueue() throws {
        let broker = try BrokerFixture()
        let (queue, dead) = (try broker.queue("q"), try broker.queue("dead"))
        try apply(
            [
                policy(
                    "p", "^q$",
                    ["dead-letter-exchange": .string(""), "dead-letter-routing-key": .string("dead")])
            ], to: broker)
        try broker.publish("poison", key: "q")
        broker.core.endBurst()
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        let delivery = try #require(channel.received.first)
        queue.reject(delivery.entry, from: delivery.consumer)
        broker.core.endBurst()
        #expect(dead.readyCount == 1 && queue.readyCount == 0)
    }

    @Test("messages keep the time to live that they joined with", arguments: [false, true])
    func timeToLiveIsFixed(restarted: Bool) throws {
        let broker = try BrokerFixture()
        let persistent = BasicProperties(deliveryMode: 2)
        try broker.queue("q")
        try broker.publish("without", key: "q", persistent)
        broker.core.endBurst()
        try apply([policy("p", "^q$", ["message-ttl": .int32(1000)])], to: broker)
        try broker.publish("second", key: "q", persistent)
        broker.core.endBurst()
        try apply([policy("p", "^q$", ["message-ttl": .int32(60_000)])], to: broker)
        try broker.publish("minute", key: "q", persistent)
        broker.core.endBurst()
        if restarted { try broker.restart() }
        broker.clock.advance(milliseconds: 2000)
        broker.core.readClock()
        let queue = try broker.host.existingQueue("q")
        let channel = RecordingChannel()
        try broker.consume(queue, on: channel)
        #expect(channel.bodies == ["without", "minute"])
    }

    @Test("numbers that a crash took are given again under the present time to live")
    func timeToLiveAfterACrash() throws {
        let broker = try BrokerFixture()
        try broker.queue("q")
        for number in 0..<5 { try broker.publish("lost \(number)", key: "q") }
        broker.core.endBurst()
        try apply([policy("p", "^q$", ["message-ttl": .int32(1000)])], to: broker)
        try broker.crash()
        try broker.publish("new", key: "q", BasicProperties(deliveryMode: 2))
        broker.core.endBurst()
        broker.clock.advance(milliseconds: 2000)
        broker.core.runTimers()
        broker.core.endBurst()
        #expect(try broker.host.existingQueue("q").readyCount == 0)
    }

    @Test("policies and what they did are there after a start")
    func restart() throws {
        let broker = try BrokerFixture()
        try broker.queue("q")
        try apply([policy("p", "^q$", ["max-length": .int32(3)])], to: broker)
        try broker.restart()
        #expect(try broker.host.existingQueue("q").settings.limits.maxLength == 3)
        #expect(try broker.queue("q").settings.limits.maxLength == 3)
    }

    @Test("an alternate exchange comes by policy, but for the default exchange; an argument wins")
    func alternateExchange() throws {
        let broker = try BrokerFixture()
        let host = try broker.host
        try host.declareExchange("orders", ExchangeProperties(type: "direct", isDurable: true))
        try apply([policy("p", ".*", ["alternate-exchange": .string("rest")], to: .exchanges)], to: broker)
        try host.declareExchange(
            "mine",
            ExchangeProperties(
                type: "direct", isDurable: true, arguments: ["alternate-exchange": .string("argument")]))
        try host.declareExchange("rest", ExchangeProperties(type: "fanout", isDurable: true))
        try host.bind(
            host.existingExchange("rest"), to: .queue(broker.queue("caught")), routingKey: "", arguments: [:])
        #expect(try host.existingExchange("mine").alternateExchange == "argument")
        #expect(try host.existingExchange("").alternateExchange == nil)
        try broker.publish("nobody's", to: "orders", key: "none")
        #expect(try host.existingQueue("caught").readyCount == 1)
    }

    // MARK: Mistakes

    @Test(
        "a value that a key can't have is refused with its place, and what was there stays",
        arguments: [
            ("max-length", FieldValue.string("many")), ("max-length", .int32(-1)), ("overflow", .string("explode")),
            ("message-ttl", .int64(315_360_000_001)), ("expires", .int32(0)), ("dead-letter-exchange", .int32(1)),
        ])
    func mistakes(_ key: String, _ value: FieldValue) throws {
        let broker = try BrokerFixture()
        try apply([policy("p", ".*", ["max-length": .int32(3)])], to: broker)
        let error = #expect(throws: DefinitionErrors.self) {
            try apply([policy("p", ".*", [key: value])], to: broker)
        }
        #expect(error?.errors.first?.location.file == "test.yaml")
        #expect(error?.errors.first?.message.hasPrefix("\(key): ") == true)
        #expect(try broker.queue("q").settings.limits.maxLength == 3)
    }

    @Test("keys that mean nothing here do not stand in the way of the others")
    func otherKeys() throws {
        let broker = try BrokerFixture()
        try apply([policy("p", ".*", ["ha-mode": .string("all"), "max-length": .int32(3)])], to: broker)
        #expect(try broker.queue("q").settings.limits.maxLength == 3)
    }
}
