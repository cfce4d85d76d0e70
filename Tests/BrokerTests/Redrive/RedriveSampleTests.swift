import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import Broker

/// Some messages by chance are moved, and the same ones with the same seed.
@Suite struct RedriveSampleTests {
    private func request(_ limit: Int?, seed: UInt64? = nil, _ filter: String = "") throws -> RedriveRequest {
        var options = RedriveOptions()
        options.order = .sample
        options.limit = limit
        options.seed = seed
        return RedriveRequest(filter: try MessageFilter(filter), options: options)
    }

    private func filled(_ count: Int, _ arguments: FieldTable = [:]) throws -> Redriving {
        let moving = try Redriving()
        try moving.declare(["a"], dead: arguments)
        for number in 0..<count {
            let properties = BasicProperties(deliveryMode: 2, priority: UInt8(number % 3))
            try moving.broker.publish("\(number)", to: "work", key: "a", properties)
        }
        moving.core.endBurst()
        try moving.rejectAll(in: "a")
        return moving
    }

    @Test("as many as asked for are moved, once, the oldest of them first", arguments: [1, 20, 299, 300, 1000])
    func count(limit: Int) throws {
        let moving = try filled(300)
        let plan = try moving.plan("dead", try request(limit))
        #expect(plan.messages == min(limit, 300) && plan.matched == 300)
        #expect(plan.request.options.seed != nil)
        let task = try moving.finish(try moving.start(plan))
        let moved = try moving.bodies("a").compactMap { Int($0) }
        #expect(task.moved == min(limit, 300) && moved.count == task.moved)
        #expect(moved == moved.sorted() && Set(moved).count == moved.count)
        #expect(try moving.queue("dead").readyCount == 300 - task.moved)
    }

    @Test("it is not the first ones, and another seed chooses others")
    func spread() throws {
        let moving = try filled(1000)
        var chosen: [Set<Int>] = []
        for seed: UInt64 in [1, 2] {
            try moving.move("dead", try request(100, seed: seed))
            let bodies = try moving.bodies("a").compactMap { Int($0) }
            chosen.append(Set(bodies))
            // A tenth of them is expected in each tenth of the queue: ten, give or take three times the deviation.
            for tenth in 0..<10 { #expect((1...22).contains(bodies.count { $0 / 100 == tenth }), "seed \(seed)") }
            try moving.rejectAll(in: "a")
            // They come back behind the others, with other numbers.
            #expect(try moving.queue("dead").readyCount == 1000)
        }
        #expect(chosen[0] != chosen[1])
    }

    @Test("the same seed is the same plan, by its hash, and of the filter's messages alone")
    func reproducible() throws {
        var random = SeededGenerator()
        let seed = random.next()
        let moving = try filled(200, ["x-max-priority": .int32(3)])
        let filter = "priority = 1"
        let first = try moving.plan("dead", try request(15, seed: seed >> 1, filter))
        let again = try moving.plan("dead", try request(15, seed: seed >> 1, filter))
        let other = try moving.plan("dead", try request(15, seed: seed >> 1 ^ 1, filter))
        #expect(first.hash == again.hash && first.hash != other.hash, "seed \(seed)")
        #expect(first.messages == 15 && first.matched == 67)
        try moving.finish(try moving.start(first))
        #expect(try moving.messages("a").allSatisfy { $0.properties.priority == 1 }, "seed \(seed)")
        // The same messages elsewhere, too.
        let twin = try filled(200, ["x-max-priority": .int32(3)])
        try twin.finish(try twin.start(try twin.plan("dead", try request(15, seed: seed >> 1, filter))))
        #expect(try twin.bodies("a") == moving.bodies("a"), "seed \(seed)")
    }

    @Test("what comes in after the plan is not in it, and a restart goes on with the same", arguments: [false, true])
    func restart(isCrash: Bool) throws {
        let moving = try filled(200)
        var request = try request(100, seed: 7)
        request.options.messagesPerSecond = 50
        let twin = try filled(200)
        try twin.move("dead", try self.request(100, seed: 7))
        let id = try moving.start(try moving.plan("dead", request))
        for number in 0..<50 {
            try moving.broker.publish("late \(number)", key: "dead", BasicProperties(deliveryMode: 2))
        }
        while try moving.task(id).moved < 20 { moving.turn() }
        if isCrash { try moving.broker.crash() } else { try moving.broker.restart() }
        try moving.finish(id)
        #expect(try moving.bodies("a") == twin.bodies("a"))
    }

    @Test("a sample needs a limit, and a seed a sample")
    func mistakes() throws {
        let moving = try filled(1)
        #expect(throws: RedriveError.self) { _ = try moving.plan("dead", try request(nil)) }
        #expect(throws: RedriveError.self) {
            _ = try moving.plan("dead", try request(RedriveSample.messagesMax + 1))
        }
        var options = RedriveOptions()
        options.seed = 3
        #expect(throws: RedriveError.self) { _ = try moving.plan("dead", RedriveRequest(options: options)) }
        #expect(try moving.plan("dead", try request(5, "id = 77")).messages == 0)
    }
}
