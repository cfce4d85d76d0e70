import AMQPProtocol
import Testing

@testable import Broker

/// The life of a task that moves messages.
@Suite struct RedriveTaskTests {
    private func filled(_ count: Int, _ moving: Redriving) throws {
        try moving.declare(["a"])
        try moving.kill((0..<count).map { "\($0)" }, in: "a")
    }

    @Test("a plan is applied once, by who made it, on the queue that it is of")
    func plans() throws {
        let moving = try Redriving()
        try filled(2, moving)
        let plan = try moving.plan("dead", RedriveRequest())
        let (dead, a) = (try moving.queue("dead"), try moving.queue("a"))
        #expect(throws: RedriveError.planUnknown) {
            try moving.core.redrives.start(plan: plan.hash, to: .move, by: "x", of: dead)
        }
        #expect(throws: RedriveError.planUnknown) {
            try moving.core.redrives.start(plan: "0", to: .move, by: "guest", of: dead)
        }
        #expect(throws: RedriveError.planUnknown) {
            try moving.core.redrives.start(plan: plan.hash, to: .move, by: "guest", of: a)
        }
        let id = try moving.start(plan)
        #expect(throws: RedriveError.planUnknown) { _ = try moving.start(plan) }
        #expect(try moving.finish(id).moved == 2)
        #expect(moving.core.redrives.tasks(in: "/").map(\.id) == [id])
        #expect(throws: RedriveError.taskUnknown) { _ = try moving.task(77) }
        #expect(throws: RedriveError.taskUnknown) { _ = try moving.core.redrives.task(id, in: "other") }
        #expect(throws: RedriveError.wrongStatus(.done)) { _ = try moving.core.redrives.cancel(id, in: "/") }
    }

    @Test("no more are moved in a second than asked for, by messages or by bytes")
    func rate() throws {
        for isBytes in [false, true] {
            let moving = try Redriving()
            try filled(100, moving)
            var options = RedriveOptions()
            if isBytes { options.bytesPerSecond = 20 } else { options.messagesPerSecond = 10 }
            let begin = moving.broker.clock.nanoseconds
            let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
            let task = try moving.finish(id)
            let seconds = Double(moving.broker.clock.nanoseconds - begin) / 1e9
            #expect(task.moved == 100 && seconds > 9 && seconds < 11, "\(seconds)")
        }
    }

    @Test("a task is paused, goes on, and is cancelled")
    func pause() throws {
        let moving = try Redriving()
        try filled(1000, moving)
        var options = RedriveOptions()
        options.messagesPerSecond = 100
        let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
        while try moving.task(id).moved < 50 { moving.turn() }
        #expect(try moving.core.redrives.pause(id, in: "/").status == .paused)
        let moved = try moving.task(id).moved
        for _ in 0..<50 {
            moving.broker.clock.advance(milliseconds: 1000)
            Browsing.turn(moving.core, moving.broker.clock)
        }
        #expect(try moving.task(id).moved == moved && moved < 100)
        #expect(throws: RedriveError.wrongStatus(.paused)) { _ = try moving.core.redrives.pause(id, in: "/") }
        _ = try moving.core.redrives.resume(id, in: "/")
        while try moving.task(id).moved < 200 { moving.turn() }
        _ = try moving.core.redrives.cancel(id, in: "/")
        let task = try moving.finish(id)
        #expect(task.status == .cancelled && task.moved < 300)
        #expect(try moving.queue("dead").readyCount == 1000 - task.moved)
        #expect(try moving.queue("a").readyCount == task.moved)
    }

    @Test("nothing is moved to a queue that has enough")
    func targetDepth() throws {
        let moving = try Redriving()
        try filled(20, moving)
        var options = RedriveOptions()
        options.targetDepthMax = 6
        let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
        for _ in 0..<50 { moving.turn() }
        #expect(try moving.queue("a").readyCount == 6 && moving.task(id).moved == 6)
        let channel = RecordingChannel()
        try moving.broker.consume(try moving.queue("a"), on: channel, autoAck: true)
        let task = try moving.finish(id)
        #expect(task.moved == 20 && channel.bodies == (0..<20).map { "\($0)" })
    }

    @Test("the first messages go ahead, and the others follow unless too many come back", arguments: [1, 3])
    func canary(returned: Int) throws {
        let moving = try Redriving()
        try filled(50, moving)
        var options = RedriveOptions()
        options.canary = RedriveOptions.Canary(messages: 10, waitMilliseconds: 60_000, returnsPercentMax: 20)
        let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
        while try moving.task(id).canaryEndsAtMilliseconds == nil { moving.turn() }
        let a = try moving.queue("a")
        #expect(try moving.task(id).moved == 10 && a.readyCount == 10)
        let channel = RecordingChannel()
        let consumer = try moving.broker.consume(a, on: channel, prefetch: returned)
        // So many come back, and the others are consumed.
        var received = channel.received
        channel.received = []
        for message in received { a.reject(message.entry, from: consumer) }
        moving.core.endBurst()
        while !channel.received.isEmpty {
            received = channel.received
            channel.received = []
            for message in received { a.acknowledge(message.entry, from: consumer) }
            moving.core.endBurst()
        }
        channel.isOpen = false
        moving.core.endBurst()
        let task = try moving.finish(id)
        #expect(task.canaryReturned == returned)
        #expect(task.status == (returned == 3 ? .paused : .done) && task.moved == (returned == 3 ? 10 : 50))
        guard returned == 3 else { return }
        #expect(task.note == "3 of the first 10 messages have come back")
        _ = try moving.core.redrives.resume(id, in: "/")
        #expect(try moving.finish(id).moved == 50)
    }

    @Test("it goes on after a restart, in whatever state it was", arguments: [false, true])
    func restart(isCrash: Bool) throws {
        let moving = try Redriving()
        try filled(300, moving)
        try moving.broker.publish("none", key: "dead", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        var options = RedriveOptions()
        options.messagesPerSecond = 100
        options.canary = RedriveOptions.Canary(messages: 200, waitMilliseconds: 60_000, returnsPercentMax: 100)
        let plan = try moving.plan("dead", RedriveRequest(options: options))
        let id = try moving.start(plan)
        func stop() throws { if isCrash { try moving.broker.crash() } else { try moving.broker.restart() } }
        while try moving.task(id).moved < 90 { moving.turn() }
        let before = try moving.task(id)
        try stop()
        let after = try moving.task(id)
        #expect(after.moved == before.moved && after.place == before.place && after.plan == before.plan)
        #expect(after.request.options == options && after.highWaterMarks == before.highWaterMarks)
        _ = try moving.core.redrives.pause(id, in: "/")
        try stop()
        #expect(try moving.task(id).status == .paused)
        _ = try moving.core.redrives.resume(id, in: "/")
        while try moving.task(id).canaryEndsAtMilliseconds == nil { moving.turn() }
        try stop()
        #expect(try moving.task(id).canaryEndsAtMilliseconds != nil)
        let task = try moving.finish(id)
        #expect(task.status == .done && task.moved == 300 && task.stays == [.noDeath: 1])
        #expect(try moving.bodies("a") == (0..<300).map { "\($0)" } && moving.bodies("dead") == ["none"])
        try stop()
        let kept = try moving.task(id)
        #expect(
            kept.status == .done && kept.moved == 300 && kept.left == task.left && kept.finishedAtMilliseconds != nil)
        #expect(throws: RedriveError.planUnknown) { _ = try moving.start(plan) }
    }

    @Test("it fails if the queue goes, and stops where the user may not write")
    func permissions() throws {
        let moving = try Redriving()
        try filled(2, moving)
        let access = moving.core.access
        access.put(User(name: "u", password: nil, tags: []))
        access.setPermission(Permission(configure: "", write: "^b$", read: ".*"), user: "u", virtualHost: "/")
        #expect(try moving.plan("dead", RedriveRequest(), by: "u").stays == [.notAllowed: 2])
        #expect(
            try moving.plan("dead", RedriveRequest(destination: .originalQueue(.newest)), by: "u").stays == [
                .notAllowed: 2
            ])
        #expect(throws: AMQPException.self) {
            _ = try moving.plan("dead", RedriveRequest(destination: .exchange("work", routingKey: nil)), by: "u")
        }
        var options = RedriveOptions()
        options.messagesPerSecond = 1
        let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
        moving.turn()
        _ = try moving.broker.host.deleteQueue(try moving.queue("dead"), ifUnused: false, ifEmpty: false)
        let task = try moving.finish(id)
        #expect(task.status == .failed && task.note?.contains("queue") == true)
    }

    @Test("it fails when its user has lost the right to move messages")
    func rights() throws {
        let moving = try Redriving()
        try filled(100, moving)
        var options = RedriveOptions()
        options.messagesPerSecond = 10
        let id = try moving.start(try moving.plan("dead", RedriveRequest(options: options)))
        while try moving.task(id).moved < 5 { moving.turn() }
        var user = try #require(moving.core.access.users["guest"])
        user.tags.insert("dlq_metadata")
        moving.core.access.put(user)
        let task = try moving.finish(id)
        #expect(task.status == .failed && task.note == "user 'guest' may not move messages any more")
        #expect(task.moved < 100)
    }

    @Test("no more run than may, and those that are over are forgotten in the end")
    func limits() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.kill(["1"], in: "a")
        var options = RedriveOptions()
        var ids: [UInt64] = []
        for rate in 1...RedriveTasks.runningMax {
            options.messagesPerSecond = rate
            ids.append(
                try moving.start(
                    try moving.plan("dead", RedriveRequest(filter: try MessageFilter("id = 9"), options: options))))
            _ = try moving.core.redrives.pause(ids[rate - 1], in: "/")
        }
        let plan = try moving.plan("dead", RedriveRequest())
        #expect(throws: RedriveError.tooManyTasks) { _ = try moving.start(plan) }
        _ = try moving.core.redrives.cancel(ids[0], in: "/")
        #expect(try moving.finish(try moving.start(plan)).moved == 1)
        for _ in 0..<RedriveTasks.tasksMax {
            _ = try moving.core.redrives.cancel(try moving.start(try moving.plan("dead", RedriveRequest())), in: "/")
        }
        #expect(moving.core.redrives.tasks(in: "/").count == RedriveTasks.tasksMax)
        try moving.broker.restart()
        #expect(moving.core.redrives.tasks(in: "/").count == RedriveTasks.tasksMax)
    }
}
