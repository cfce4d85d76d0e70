import AMQPProtocol
import Testing

@testable import LoadGenerator

@Suite struct LoadPlanTests {
    private static func plan(_ change: (inout LoadPlan) -> Void) -> LoadPlan {
        var plan = LoadPlan()
        plan.messageCount = 10
        change(&plan)
        return plan
    }

    private static let contradictions: [@Sendable (inout LoadPlan) -> Void] = [
        { ($0.producers, $0.consumers) = (0, 0) }, { $0.producers = -1 }, { $0.consumers = 4097 }, { $0.queues = 0 },
        { ($0.producers, $0.queues) = (4096, 2000) }, { $0.bodySizes = [] }, { $0.bodySizes = [-1] },
        { $0.bodySizes = [128 << 20, 128 << 20, 1] }, { $0.confirmWindow = 0 },
        { $0.acknowledgement = .manual(every: 0) },
        { $0.prefetch = 10 }, { $0.producerRate = 0 }, { $0.producerRate = .nan }, { $0.consumerRate = -1 },
        { $0.messageCount = 0 }, { $0.messageCount = nil }, { $0.seconds = 0 }, { $0.warmUpSeconds = 1 },
        { $0.idleSeconds = 0 }, { $0.exchangeType = "fanout" }, { $0.bindingKey = "#" },
        { $0.queuePrefix = String(repeating: "q", count: 255) }, { $0.threads = 0 },
        { ($0.producers, $0.startsFresh) = (0, true) }, { ($0.producers, $0.confirmWindow) = (0, 1) },
        { ($0.producers, $0.isMandatory) = (0, true) }, { ($0.producers, $0.producerRate) = (0, 1) },
        { ($0.consumers, $0.consumerRate) = (0, 1) },
    ]

    @Test("what contradicts itself or is over a limit is refused", arguments: contradictions.indices)
    func refused(index: Int) throws {
        #expect(throws: LoadError.self) { try Self.plan(Self.contradictions[index]).validate() }
    }

    @Test func whatIsWithinTheLimitsIsNot() throws {
        try Self.plan { _ in }.validate()
        try Self.plan {
            ($0.producers, $0.consumers, $0.queues) = (4096, 4096, 1024)
            ($0.acknowledgement, $0.prefetch) = (.manual(every: 100), 1000)
            ($0.exchange, $0.exchangeType, $0.bindingKey) = ("x", "topic", "#")
        }.validate()
        try Self.plan { ($0.messageCount, $0.seconds, $0.warmUpSeconds) = (nil, 5, 1) }.validate()
        try Self.plan { ($0.producers, $0.messageCount) = (0, nil) }.validate()
    }

    @Test("every queue has a producer and a consumer, and every one of these a queue")
    func sharesOfQueues() {
        for (producers, consumers, queues) in [(1, 1, 1), (3, 2, 7), (5, 4, 2), (1, 8, 3), (4, 4, 4)] {
            let plan = Self.plan { ($0.producers, $0.consumers, $0.queues) = (producers, consumers, queues) }
            let consumed = (0..<consumers).map { plan.queues(ofConsumer: $0) }
            #expect(Set(consumed.joined()) == Set(0..<queues))
            #expect(consumed.allSatisfy { !$0.isEmpty })
            let published = (0..<producers).map { plan.routingKeys(ofProducer: $0) }
            #expect(Set(published.joined()) == Set((0..<queues).map { plan.queueName($0) }))
            #expect(published.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func theCountIsSharedOutWhole() {
        let plan = Self.plan { ($0.producers, $0.messageCount) = (3, 11) }
        #expect((0..<3).map { plan.messageCount(ofProducer: $0) } == [4, 4, 3])
    }

    @Test func deliveriesOfAMessage() {
        #expect(Self.plan { $0.queues = 4 }.deliveriesPerMessage == 1)
        #expect(Self.plan { ($0.queues, $0.routingKey) = (4, "harrier-bench-1") }.deliveriesPerMessage == 1)
        for (type, routingKey, deliveries) in [
            ("fanout", nil, 4), ("headers", nil, 4), ("direct", nil, 1), ("topic", nil, 1), ("direct", "k", 4),
            ("topic", "k", 4),
        ] as [(String, String?, Int)] {
            let plan = Self.plan {
                ($0.queues, $0.exchange, $0.exchangeType, $0.routingKey) = (4, "x", type, routingKey)
            }
            #expect(plan.deliveriesPerMessage == deliveries, "\(type) \(routingKey ?? "")")
        }
        // Somebody else's exchange, and patterns: the broker knows.
        #expect(Self.plan { $0.exchange = "x" }.deliveriesPerMessage == nil)
        #expect(
            Self.plan { ($0.exchange, $0.exchangeType, $0.bindingKey) = ("x", "topic", "#") }.deliveriesPerMessage
                == nil)
    }

    @Test func medians() {
        #expect(LoadComparison.median([]) == nil)
        #expect(LoadComparison.median([3, 1, 2]) == 2)
        #expect(LoadComparison.median([4, 1, 2, 3]) == 2.5)
        var comparison = LoadComparison()
        for (first, second) in [(10, 20), (30, 45), (20, 50)] {
            var results = (LoadResult(), LoadResult())
            (results.0.published, results.1.published) = (first, second)
            comparison.add(results.0, results.1)
        }
        let line = comparison.lines.first { $0.first.name == "published" }
        #expect(line?.first.value == 20)
        #expect(line?.ratio == 2.25)
    }
}
