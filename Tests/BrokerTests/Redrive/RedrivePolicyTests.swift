import AMQPProtocol
import Definitions
import Testing

@testable import Broker

/// Policies that have dead letters moved back, again and again.
@Suite struct RedrivePolicyTests {
    private static let minute: UInt64 = 60_000

    private func policy(_ definition: FieldTable, name: String = "retry", pattern: String = "^dead$")
        -> PolicyDefinition
    {
        PolicyDefinition(
            vhost: "/", name: name, pattern: pattern, applyTo: .queues, priority: 0, definition: definition,
            location: SourceLocation(file: "test.yaml", line: 3, column: 1))
    }

    private func apply(_ definition: FieldTable, _ moving: Redriving) throws {
        var set = DefinitionSet()
        set.policies = [policy(definition)]
        try moving.core.apply(set)
        moving.core.endBurst()
    }

    /// Lets time go by, and what is due happen.
    private func pass(milliseconds: UInt64, _ moving: Redriving) {
        let end = moving.broker.clock.milliseconds + milliseconds
        while moving.broker.clock.milliseconds < end {
            let left = end - moving.broker.clock.milliseconds
            if let next = moving.core.nextDeadlineNanoseconds {
                let wait = next > moving.broker.clock.nanoseconds ? next - moving.broker.clock.nanoseconds : 0
                moving.broker.clock.advance(milliseconds: min(left, wait / 1_000_000 + 1))
            } else {
                moving.broker.clock.advance(milliseconds: left)
            }
            for _ in 0..<4 { Browsing.turn(moving.core, moving.broker.clock) }
        }
    }

    /// As they are told of when what they have done is on the disk.
    private func tasks(_ moving: Redriving) -> [RedriveTask] {
        for _ in 0..<3 {
            moving.core.endBurst()
            moving.core.waitForDisk()
            moving.core.logProgressed()
        }
        return moving.core.redrives.tasks(in: "/").reversed()
    }

    private func schedule(_ moving: Redriving) throws -> RedriveSchedule? { try moving.queue("dead").facts.redrive }

    @Test("dead letters go back every so often, until they have gone too often, and then to the parking queue")
    func runs() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.broker.queue("parked")
        try apply(
            [
                "redrive-every": .int32(600_000), "redrive-filter": .string("reason = rejected"),
                "redrive-max": .int32(2), "redrive-parking-queue": .string("parked"),
            ], moving)
        try moving.broker.publish("other", key: "dead", BasicProperties(deliveryMode: 2))
        try moving.kill(["poison", "fine"], in: "a")
        #expect(tasks(moving).isEmpty)
        pass(milliseconds: Self.minute + 100, moving)
        #expect(try moving.bodies("a") == ["poison", "fine"] && moving.bodies("dead") == ["other"])
        #expect(tasks(moving).map(\.policy) == ["retry"] && tasks(moving)[0].user == "policy 'retry'")
        let headers = try #require(try moving.messages("a").first?.properties.headers)
        #expect(headers["x-redriven-by"]?.stringValue == "policy 'retry'")
        #expect(headers["x-redriven-count"]?.integerValue == 1)
        // It comes back, and waits for the next run.
        try moving.rejectAll(in: "a")
        pass(milliseconds: 590_000, moving)
        #expect(tasks(moving).count == 1)
        pass(milliseconds: 20_000, moving)
        #expect(tasks(moving).count == 2 && tasks(moving)[1].moved == 2)
        try moving.rejectAll(in: "a")
        pass(milliseconds: 600_000, moving)
        #expect(try moving.bodies("parked") == ["poison", "fine"] && moving.bodies("a") == [])
        // To be put aside is not to be moved back once more.
        let counts = try moving.messages("parked").map { $0.properties.headers?["x-redriven-count"]?.integerValue }
        #expect(counts == [2, 2])
        #expect(try moving.bodies("dead") == ["other"])
        #expect(tasks(moving).count == 3 && tasks(moving).allSatisfy { $0.status == .done })
        let last = try schedule(moving)?.last
        #expect(last?.parked == 2 && last?.moved == 0, "\(String(describing: last))")
        // Nothing to do leaves nothing behind.
        pass(milliseconds: 6_000_000, moving)
        #expect(tasks(moving).count == 3)
    }

    @Test("without a parking queue they stay, and are counted")
    func noParking() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(1000), "redrive-max": .int32(1)], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 1100, moving)
        try moving.rejectAll(in: "a")
        pass(milliseconds: 5000, moving)
        #expect(try moving.bodies("dead") == ["x"] && tasks(moving).count == 1)
        #expect(try schedule(moving)?.last?.stays == [.redrivenTooOften: 1])
    }

    @Test(
        "they go where the policy says",
        arguments: [
            (["redrive-to": "original-queue"], "a"), (["redrive-to": "queue", "redrive-queue": "b"], "b"),
            (["redrive-to": "exchange", "redrive-exchange": "work", "redrive-routing-key": "b"], "b"),
        ])
    func destinations(keys: [String: String], target: String) throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        var definition: FieldTable = ["redrive-every": .int32(1000)]
        for (key, value) in keys { definition[key] = .string(value) }
        try apply(definition, moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 1100, moving)
        #expect(try moving.bodies(target) == ["x"] && moving.bodies("dead") == [])
    }

    @Test("there are never two runs at once; a paused one holds the next ones up")
    func oneAtATime() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        try apply(["redrive-every": .int32(1000), "redrive-rate": .int32(10)], moving)
        try moving.kill((0..<60).map { "\($0)" }, in: "a")
        pass(milliseconds: 3000, moving)
        let id = try #require(tasks(moving).first?.id)
        #expect(tasks(moving).count == 1 && tasks(moving)[0].status == .running)
        #expect(try schedule(moving)?.runningTask == id)
        _ = try moving.core.redrives.pause(id, in: "/")
        pass(milliseconds: 10_000, moving)
        #expect(tasks(moving).count == 1)
        _ = try moving.core.redrives.resume(id, in: "/")
        try moving.kill(["late"], in: "b")
        pass(milliseconds: 10_000, moving)
        #expect(tasks(moving).count == 2 && tasks(moving).map(\.moved) == [60, 1])
    }

    @Test("a restart goes on with the run, and remembers when it was", arguments: [false, true])
    func restart(isCrash: Bool) throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(600_000), "redrive-rate": .int32(100)], moving)
        try moving.kill((0..<50).map { "\($0)" }, in: "a")
        pass(milliseconds: Self.minute + 200, moving)
        #expect((1..<50).contains(tasks(moving).first?.moved ?? 0))
        if isCrash { try moving.broker.crash() } else { try moving.broker.restart() }
        #expect(try schedule(moving)?.runningTask != nil)
        pass(milliseconds: 5000, moving)
        #expect(try moving.queue("a").readyCount == 50 && tasks(moving).count == 1)
        #expect(tasks(moving)[0].policy == "retry" && tasks(moving)[0].status == .done)
        #expect(try schedule(moving)?.runningTask == nil)
        try moving.rejectAll(in: "a")
        // Not a minute after the start, but ten minutes after the begin of the run before.
        pass(milliseconds: 580_000, moving)
        #expect(tasks(moving).count == 1)
        pass(milliseconds: 20_000, moving)
        #expect(tasks(moving).count == 2)
    }

    @Test("what a start finds overdue comes a minute later")
    func overdue() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(600_000)], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 61_000, moving)
        try moving.rejectAll(in: "a")
        moving.broker.clock.milliseconds += 3_600_000
        try moving.broker.restart()
        pass(milliseconds: 59_000, moving)
        #expect(tasks(moving).count == 1)
        pass(milliseconds: 2000, moving)
        #expect(tasks(moving).count == 2)
    }

    @Test("another policy ends the run of the one before; none ends all runs and timers")
    func change() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(1000), "redrive-rate": .int32(1)], moving)
        try moving.kill((0..<20).map { "\($0)" }, in: "a")
        pass(milliseconds: 2000, moving)
        try apply(["redrive-every": .int32(1000)], moving)
        #expect(tasks(moving)[0].status == .cancelled)
        #expect(tasks(moving)[0].note == "the queue's policy has changed")
        pass(milliseconds: 1000, moving)
        #expect(try tasks(moving).count == 2 && moving.queue("a").readyCount == 20)
        try apply(["max-length": .int32(1000)], moving)
        try moving.rejectAll(in: "a")
        pass(milliseconds: 100_000, moving)
        #expect(try tasks(moving).count == 2 && schedule(moving) == nil && moving.queue("dead").readyCount == 20)
    }

    @Test("a corrected policy has its first run a minute later, whenever the one before had its last")
    func corrected() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(3_600_000)], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: Self.minute + 1000, moving)
        #expect(tasks(moving).count == 1)
        try moving.rejectAll(in: "a")
        try apply(["redrive-every": .int32(3_600_000), "redrive-rate": .int32(100)], moving)
        pass(milliseconds: Self.minute - 1000, moving)
        #expect(tasks(moving).count == 1)
        pass(milliseconds: 2000, moving)
        #expect(tasks(moving).count == 2)
    }

    @Test("queues that come and go leave nothing behind")
    func deletedQueues() throws {
        let moving = try Redriving()
        try apply(["redrive-every": .int32(86_400_000)], moving)
        for _ in 0..<1000 {
            _ = try moving.broker.host.deleteQueue(try moving.broker.queue("dead"), ifUnused: false, ifEmpty: false)
            moving.core.endBurst()
        }
        #expect(moving.core.redriveSchedules.count == 0 && moving.core.timers.count < 10)
        // Those that stay are not forgotten.
        try moving.declare(["a"])
        for name in ["dead b", "dead c"] { try moving.broker.queue(name) }
        var set = DefinitionSet()
        set.policies = [policy(["redrive-every": .int32(1000)], pattern: "^dead")]
        try moving.core.apply(set)
        for name in ["dead b", "dead c"] {
            _ = try moving.broker.host.deleteQueue(try moving.queue(name), ifUnused: false, ifEmpty: false)
        }
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 1100, moving)
        #expect(try moving.bodies("a") == ["x"] && moving.core.redriveSchedules.count == 1)
    }

    @Test("without such a policy there is no timer, whatever is in the queues")
    func noTimers() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["max-length": .int32(1000)], moving)
        try moving.kill(["x"], in: "a")
        for _ in 0..<3 { Browsing.turn(moving.core, moving.broker.clock) }
        #expect(moving.core.timers.count == 0)
    }

    @Test("what is not there is told of, and does not end the schedule")
    func missingTargets() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(
            [
                "redrive-every": .int32(1000), "redrive-parking-queue": .string("nowhere"),
                "redrive-to": .string("queue"),
                "redrive-queue": .string("later"),
            ], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 1100, moving)
        #expect(try schedule(moving)?.last?.note?.contains("no queue 'later'") == true)
        #expect(try moving.bodies("dead") == ["x"])
        try moving.broker.queue("later")
        pass(milliseconds: 1000, moving)
        #expect(try moving.bodies("later") == ["x"])
    }

    @Test("messages are not moved to the queue that they are in")
    func toItself() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(
            ["redrive-every": .int32(1000), "redrive-to": .string("queue"), "redrive-queue": .string("dead")], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 3000, moving)
        #expect(try moving.messages("dead").first?.properties.headers?["x-redriven-count"] == nil)
        #expect(try schedule(moving)?.last?.note?.contains("to itself") == true)
    }

    @Test("policies use half of the tasks at the most, and keep the last fifty of each queue")
    func limits() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let count = RedriveSchedules.runningMax + 2
        for number in 0..<count {
            try moving.broker.queue("d\(number)")
            for _ in 0..<3 { try moving.broker.publish("x", key: "d\(number)", BasicProperties(deliveryMode: 2)) }
        }
        try moving.broker.queue("sink")
        var set = DefinitionSet()
        set.policies = [
            policy(
                [
                    "redrive-every": .int32(86_400_000), "redrive-to": .string("queue"),
                    "redrive-queue": .string("sink"),
                    "redrive-rate": .int32(1),
                ], pattern: "^d[0-9]")
        ]
        try moving.core.apply(set)
        pass(milliseconds: Self.minute + 500, moving)
        #expect(tasks(moving).count == RedriveSchedules.runningMax)
        pass(milliseconds: 20_000, moving)
        #expect(try tasks(moving).count == count && moving.queue("sink").readyCount == 3 * count)
        let busy = try Redriving()
        try busy.declare(["a"])
        try apply(["redrive-every": .int32(1000), "redrive-max": .int32(1_000_000)], busy)
        try busy.kill(["x"], in: "a")
        for _ in 0..<(RedriveTasks.policyTasksMax + 10) {
            pass(milliseconds: 1000, busy)
            try busy.rejectAll(in: "a")
        }
        #expect((RedriveTasks.policyTasksMax...RedriveTasks.policyTasksMax + 1).contains(tasks(busy).count))
    }

    @Test("who finds no place for a task looks at nothing, and waits until one is over; paused ones count")
    func waiting() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.broker.queue("sink")
        let count = RedriveSchedules.runningMax + 3
        for number in 0..<count { try moving.broker.queue("d\(number)") }
        var set = DefinitionSet()
        set.policies = [
            policy(
                [
                    "redrive-every": .int32(86_400_000), "redrive-to": .string("queue"),
                    "redrive-queue": .string("sink"), "redrive-rate": .int32(1),
                ], pattern: "^d[0-9]")
        ]
        try moving.core.apply(set)
        for number in 0..<count {
            for _ in 0..<9 { try moving.broker.publish("x", key: "d\(number)", BasicProperties(deliveryMode: 2)) }
        }
        pass(milliseconds: Self.minute + 1500, moving)
        let first = tasks(moving).map(\.id)
        #expect(first.count == RedriveSchedules.runningMax)
        for id in first { _ = try moving.core.redrives.pause(id, in: "/") }
        pass(milliseconds: 3000, moving)
        // Nothing is to be done for a long time.
        let next = try #require(moving.core.nextDeadlineNanoseconds)
        #expect(next > moving.broker.clock.nanoseconds + 3_600_000_000_000)
        // Of those that wait, one is taken back and the others follow, one for each task that is over.
        let waiting = (0..<count).map { "d\($0)" }.filter { name in !tasks(moving).contains { $0.queue == name } }
        let gone = try moving.queue(try #require(waiting.first))
        _ = try moving.broker.host.deleteQueue(gone, ifUnused: false, ifEmpty: false)
        _ = try moving.core.redrives.cancel(first[0], in: "/")
        pass(milliseconds: 10, moving)
        #expect(tasks(moving).count == first.count + 1 && tasks(moving).last?.status == .running)
        // A task of a queue without messages any more leaves its place to the next.
        let left = try #require(waiting.dropFirst().first { name in !tasks(moving).contains { $0.queue == name } })
        _ = try moving.queue(left).purge()
        _ = try moving.core.redrives.cancel(first[1], in: "/")
        for id in first.dropFirst(2) { _ = try moving.core.redrives.resume(id, in: "/") }
        pass(milliseconds: 20_000, moving)
        #expect(tasks(moving).count(where: { $0.status == .done }) == first.count - 1)
        #expect(moving.core.redrives.freeSlots == (RedriveTasks.runningMax, RedriveSchedules.runningMax))
    }

    @Test("policies' tasks leave people's their places, and go but for the last one on each queue")
    func history() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try apply(["redrive-every": .int32(1000)], moving)
        try moving.kill(["x"], in: "a")
        pass(milliseconds: 1100, moving)
        let byPolicy = try #require(tasks(moving).first)
        try moving.rejectAll(in: "a")
        let byUser = try moving.move()
        #expect(byPolicy.policy == "retry" && byUser.policy == nil)
        // As if there had been many more, the user's before those of other queues that policies move messages of.
        var id: UInt64 = 100
        func add(_ count: Int, _ task: RedriveTask, queue: UInt64) -> Range<UInt64> {
            let first = id
            for _ in 0..<count {
                var table = task.journalTable
                table["queue-id"] = .int64(Int64(queue))
                moving.core.redrives.restore(id, table)
                id += 1
            }
            return first..<id
        }
        let (quiet, busy) = (try moving.broker.queue("quiet").id, try moving.broker.queue("busy").id)
        let last = add(1, byPolicy, queue: quiet)
        let people = add(400, byUser, queue: byUser.queueID)
        let others = add(598, byPolicy, queue: busy)
        try moving.kill(["y"], in: "a")
        pass(milliseconds: 1100, moving)
        let known = Set(tasks(moving).map(\.id))
        #expect(known.count == RedriveTasks.tasksMax)
        #expect(known.isSuperset(of: people) && known.isSuperset(of: last) && known.contains(byUser.id))
        #expect(!known.contains(byPolicy.id) && !known.isSuperset(of: others) && known.contains(id - 1))
    }

    // MARK: Mistakes

    @Test(
        "what can't be is refused with its place, and says what would be right",
        arguments: [
            (["redrive-filter": .string("size > 1")], "redrive-filter: means nothing without redrive-every"),
            (["redrive-every": .int32(999)], "redrive-every: expected an integer from 1000 to"),
            (["redrive-every": .string("10m")], "redrive-every: expected an integer"),
            (["redrive-every": .int32(1000), "redrive-filter": .string("reson = x")], "redrive-filter: "),
            (["redrive-every": .int32(1000), "redrive-to": .string("moon")], "redrive-to: expected one of original, "),
            (
                ["redrive-every": .int32(1000), "redrive-to": .string("queue")],
                "redrive-to: is queue, and redrive-queue"
            ),
            (["redrive-every": .int32(1000), "redrive-queue": .string("q")], "redrive-queue: means nothing, since"),
            (["redrive-every": .int32(1000), "redrive-max": .int32(0)], "redrive-max: expected an integer from 1 to"),
            (["redrive-every": .int32(1000), "redrive-rate": .int32(0)], "redrive-rate: expected an integer from 1"),
            (
                ["redrive-every": .int32(1000), "redrive-parking-queue": .string("")],
                "redrive-parking-queue: expected a"
            ),
            (
                ["redrive-every": .int32(1000), "redrive-maxx": .int32(1)],
                "redrive-maxx: there is no such key: expected"
            ),
        ] as [(FieldTable, String)])
    func mistakes(definition: FieldTable, message: String) throws {
        let moving = try Redriving()
        let error = #expect(throws: DefinitionErrors.self) { try apply(definition, moving) }
        #expect(error?.errors.first?.location.line == 3)
        #expect(error?.errors.first?.message.hasPrefix(message) == true, "\(error?.errors.first?.message ?? "")")
    }
}
