import AMQPProtocol
import Testing

@testable import Broker

/// That a task does what its plan has said, and nothing else.
@Suite struct RedrivePlanTests {
    private func filled(_ bodies: [String]) throws -> Redriving {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        try moving.kill(bodies, in: "a")
        return moving
    }

    @Test("a plan is applied as what it is, and as what it was made for")
    func mismatches() throws {
        let moving = try filled(["1", "2"])
        let dead = try moving.queue("dead")
        let made = RedriveRequest(filter: try MessageFilter("body = 1"), destination: .queue("b"))
        let plan = try moving.plan("dead", made)
        func start(_ action: RedriveTask.Action, for subject: String? = nil) throws(RedriveError) -> RedriveTask {
            try moving.core.redrives.start(plan: plan.hash, to: action, by: "guest", of: dead, for: subject)
        }
        #expect(throws: RedriveError.planOfOther(.move)) { try start(.delete) }
        #expect(throws: RedriveError.planOfOther(.move)) { try start(.restore) }
        #expect(throws: RedriveError.planUnknown) { try start(.move, for: "a") }
        #expect(try moving.finish(try start(.move).id).moved == 1)
        #expect(try moving.bodies("dead") == ["2"] && moving.bodies("b") == ["1"])
    }

    @Test("a plan of other messages has another hash, though they are as many")
    func hashOfLimit() throws {
        let moving = try filled(["1", "2", "3"])
        var request = RedriveRequest(destination: .queue("b"))
        request.options.limit = 1
        let first = try moving.plan("dead", request)
        let other = try moving.plan(
            "dead", RedriveRequest(filter: try MessageFilter("body = 1"), destination: .queue("a")))
        #expect(try moving.finish(try moving.start(other)).moved == 1)
        #expect(try moving.plan("dead", request).hash != first.hash)
        #expect(try moving.finish(try moving.start(first)).gone == 1)
        #expect(try moving.bodies("dead") == ["2", "3"])
    }

    @Test("a plan knows how much room there is, and a task with a limit goes to no others", arguments: [nil, 8])
    func room(limit: Int?) throws {
        let moving = try filled((0..<20).map { "\($0)" })
        try moving.broker.queue("small", ["x-max-length": .int32(5), "x-overflow": .string("reject-publish")])
        var request = RedriveRequest(destination: .queue("small"))
        request.options.limit = limit
        let plan = try moving.plan("dead", request)
        let refused = (limit ?? 20) - 5
        #expect(plan.messages == 5 && plan.stays == [.refused: refused])
        #expect(plan.last?.rawValue == (limit == nil ? nil : 7))
        let task = try moving.finish(try moving.start(plan))
        #expect(task.moved == 5 && task.stays == [.refused: refused] && task.gone == 0)
        #expect(try moving.queue("dead").readyCount == 15)
    }

    @Test("room that comes about while the task runs is for the messages of the plan, and for no others")
    func roomMeanwhile() throws {
        let moving = try filled((0..<6).map { "\($0)" })
        try moving.broker.queue("small", ["x-max-length": .int32(1), "x-overflow": .string("reject-publish")])
        var request = RedriveRequest(destination: .queue("small"))
        request.options.limit = 3
        request.options.messagesPerSecond = 1
        let plan = try moving.plan("dead", request)
        #expect(plan.messages == 1 && plan.stays == [.refused: 2])
        _ = try moving.broker.host.deleteQueue(try moving.queue("small"), ifUnused: false, ifEmpty: false)
        try moving.broker.queue("small")
        #expect(try moving.finish(try moving.start(plan)).moved == 3)
        #expect(try moving.bodies("small") == ["0", "1", "2"] && moving.bodies("dead") == ["3", "4", "5"])
    }

    @Test("a task with a limit ends with its last message, also after a restart")
    func lastAfterRestart() throws {
        let moving = try filled((0..<20).map { "\($0)" })
        var request = RedriveRequest()
        request.options.limit = 10
        request.options.messagesPerSecond = 5
        request.options.order = .newest
        let id = try moving.start(try moving.plan("dead", request))
        while try moving.task(id).moved < 4 { moving.turn() }
        try moving.broker.restart()
        let task = try moving.finish(id)
        #expect(task.moved == 10 && task.last?.rawValue == 10)
        #expect(try moving.bodies("dead") == (0..<10).map { "\($0)" })
    }

    @Test("what is moved drives nothing out of a queue that drops from its head")
    func dropHead() throws {
        let moving = try filled(["1", "2", "3"])
        try moving.broker.queue("ring", ["x-max-length": .int32(2)])
        try moving.broker.publish("old", key: "ring", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        let task = try moving.move("dead", RedriveRequest(destination: .queue("ring")))
        #expect(task.moved == 1 && task.stays == [.refused: 2])
        #expect(try moving.bodies("ring") == ["old", "1"] && moving.bodies("dead") == ["2", "3"])
    }

    @Test("what has left the queue before its turn is told of")
    func gone() throws {
        let moving = try filled((0..<10).map { "\($0)" })
        let plan = try moving.plan("dead", RedriveRequest())
        let other = try moving.plan(
            "dead", RedriveRequest(filter: try MessageFilter("body in (1, 2, 3)"), destination: .queue("b")))
        #expect(try moving.finish(try moving.start(other)).moved == 3)
        let id = try moving.start(plan)
        #expect(try moving.task(id).gone == nil)
        let task = try moving.finish(id)
        #expect(task.moved == 7 && task.gone == 3)
        try moving.broker.restart()
        #expect(try moving.task(id).gone == 3)
    }

    @Test("canaries that nobody has consumed are no good sign")
    func unconsumed() throws {
        let moving = try filled((0..<30).map { "\($0)" })
        var request = RedriveRequest()
        request.options.canary = RedriveOptions.Canary(messages: 10, waitMilliseconds: 60_000, returnsPercentMax: 20)
        let id = try moving.start(try moving.plan("dead", request))
        let paused = try moving.finish(id)
        #expect(paused.status == .paused && paused.moved == 10 && paused.canaryReturned == 0)
        #expect(paused.note?.hasPrefix("10 of the first 10 messages have not been consumed yet") == true)
        _ = try moving.core.redrives.resume(id, in: "/")
        #expect(try moving.finish(id).moved == 30)
    }

    @Test("of a fan-out all queues have to have consumed the canaries, and each counts once", arguments: [false, true])
    func unconsumedCopies(isAllConsumed: Bool) throws {
        let moving = try Redriving()
        let dead = try moving.broker.queue("dead")
        let host = try moving.broker.host
        _ = try host.declareExchange("fan", ExchangeProperties(type: "fanout", isDurable: true))
        for name in ["x", "y", "work"] {
            let queue = try moving.broker.queue(name)
            try host.bind(try host.existingExchange("fan"), to: .queue(queue), routingKey: "", arguments: [:])
        }
        for number in 0..<20 { try moving.broker.publish("\(number)", key: "dead", BasicProperties(deliveryMode: 2)) }
        moving.core.endBurst()
        var request = RedriveRequest(destination: .exchange("fan", routingKey: nil))
        request.options.canary = RedriveOptions.Canary(messages: 10, waitMilliseconds: 1000, returnsPercentMax: 40)
        let id = try moving.start(try moving.plan("dead", request))
        while try moving.task(id).canaryEndsAtMilliseconds == nil, try moving.task(id).status == .running {
            moving.turn()
        }
        for name in isAllConsumed ? ["x", "y", "work"] : ["x", "y"] { _ = try moving.queue(name).purge() }
        if isAllConsumed {
            // Three of ten wait in each queue.
            for name in ["x", "y", "work"] {
                for number in 0..<3 {
                    try moving.broker.publish(
                        "\(number)", key: name,
                        BasicProperties(headers: ["x-redriven-task": .string("\(id)")], deliveryMode: 2))
                }
            }
            moving.core.endBurst()
        }
        let task = try moving.finish(id)
        #expect(task.status == (isAllConsumed ? .done : .paused), "\(task)")
        #expect(dead.readyCount == (isAllConsumed ? 0 : 10))
        if !isAllConsumed { #expect(task.note?.hasPrefix("10 of the first 10 messages have not been") == true) }
    }

    @Test("a task that waits for room says so")
    func waiting() throws {
        let moving = try filled((0..<10).map { "\($0)" })
        var request = RedriveRequest()
        request.options.targetDepthMax = 3
        let id = try moving.start(try moving.plan("dead", request))
        while try moving.task(id).note == nil { moving.turn() }
        #expect(try moving.task(id).note == "it waits: queue 'a' has 3 messages" && moving.task(id).moved == 3)
        _ = try moving.queue("a").purge()
        while try moving.task(id).moved < 6 { moving.turn() }
        _ = try moving.core.redrives.cancel(id, in: "/")
        #expect(try moving.finish(id).note == nil)
    }

    @Test("an undeliverable message that is moved has died when it did, and does not come back as a ready one")
    func timeOfDeath() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let stuck = try moving.broker.queue("stuck", ["x-dead-letter-exchange": .string("nowhere")])
        try moving.broker.publish("1", key: "stuck", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        try moving.rejectAll(in: "stuck")
        let diedAt = moving.broker.clock.milliseconds / 1000
        moving.broker.advance(milliseconds: 3_600_000)
        #expect(stuck.undeliverableCount == 1)
        #expect(try moving.messages("stuck").first?.undeliverableSinceSeconds == diedAt)
        for (filter, count) in [("death.age > 50m", 1), ("death.age < 50m", 0), ("death.count = 1", 1)] {
            let request = RedriveRequest(
                filter: try MessageFilter(filter), states: .undeliverable, destination: .queue("a"))
            #expect(try moving.plan("stuck", request).messages == count, "\(filter)")
        }
        let task = try moving.move("stuck", RedriveRequest(states: .undeliverable, destination: .queue("a")))
        let death = try moving.messages("a").first?.properties.headers?["x-death"]?.arrayValue?.first?.tableValue
        #expect(death?["time"] == .timestamp(diedAt))
        let session = try moving.session()
        #expect(throws: RedriveError.self) { try moving.core.redrives.undo(task.id, by: session) { _ in } }
    }
}
