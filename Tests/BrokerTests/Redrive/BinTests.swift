import AMQPProtocol
import Testing

@testable import Broker

/// Messages are deleted, restored, and moves undone.
@Suite struct BinTests {
    private static let day: UInt64 = 86_400_000

    private func delete(_ moving: Redriving, _ filter: String, grace: UInt64 = day) throws -> RedriveTask {
        try moving.move(
            "dead", RedriveRequest(filter: try MessageFilter(filter), destination: .bin(graceMilliseconds: grace)))
    }

    /// Ends turns until the tasks are over.
    private func undo(_ moving: Redriving, _ id: UInt64) throws -> [RedriveTask] {
        let session = try moving.session()
        let begun = try Browsing.wait(moving.core, moving.broker.clock) {
            (then: @escaping (Result<[RedriveTask], any Error>) -> Void) in
            do { try moving.core.redrives.undo(id, by: session, then: then) } catch { then(.failure(error)) }
        }.get()
        return try begun.map { try moving.finish($0.id) }
    }

    private func bin(_ moving: Redriving) throws -> [BrowsedMessage] {
        try Browsing.all(try moving.broker.host.bin, moving.core, moving.broker.clock)
    }

    @Test("what is deleted is in the bin, also after a restart, and is restored as it was")
    func restore() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        let properties = BasicProperties(deliveryMode: 2, expiration: nil, messageID: "m")
        try moving.kill(["1", "2", "3"], in: "a", properties)
        try moving.broker.publish("plain", key: "dead", BasicProperties(deliveryMode: 2, expiration: "999999999"))
        moving.core.endBurst()
        let before = try moving.messages("dead").map(\.properties)
        let task = try delete(moving, "body != 2")
        #expect(task.status == .done && task.moved == 3 && task.action == .delete)
        #expect(try moving.bodies("dead") == ["2"])
        try moving.broker.restart()
        let binned = try bin(moving)
        #expect(binned.map(\.bodyText) == ["1", "3", "plain"])
        #expect(binned[0].properties.headers?["x-deleted-from"] == .string("dead"))
        #expect(binned[0].properties.headers?["x-deleted-by"] == .string("guest"))
        #expect(binned[0].deadlineMilliseconds == binned[0].publishedAtMilliseconds + Self.day)
        #expect(moving.core.redrives.tasks(in: "/").map(\.action) == [.delete])
        let restored = try undo(moving, task.id)
        #expect(restored.map(\.moved) == [3] && restored.map(\.action) == [.restore])
        #expect(try bin(moving).isEmpty && moving.bodies("dead") == ["2", "1", "3", "plain"])
        #expect(try moving.messages("dead").map(\.properties) == [1, 0, 2, 3].map { before[$0] })
        let plain = try #require(try moving.messages("dead").last)
        #expect(plain.deadlineMilliseconds == plain.publishedAtMilliseconds + 999_999_999)
        #expect(throws: RedriveError.self) { _ = try undo(moving, restored[0].id) }
    }

    @Test("when the time is over it is gone, and others' queues' are left alone")
    func grace() throws {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.kill(["1", "2"], in: "a")
        try moving.broker.publish("other", key: "a", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        _ = try delete(moving, "body = 1", grace: 1000)
        let other = try moving.move("a", RedriveRequest(destination: .bin(graceMilliseconds: Self.day)))
        moving.broker.advance(milliseconds: 2000)
        #expect(try bin(moving).map(\.bodyText) == ["other"])
        #expect(try undo(moving, other.id).map(\.moved) == [1] && moving.bodies("a") == ["other"])
        _ = try delete(moving, "", grace: 0)
        moving.broker.advance(milliseconds: 10)
        #expect(try bin(moving).isEmpty && moving.bodies("dead").isEmpty)
        #expect(throws: RedriveError.self) {
            _ = try delete(moving, "", grace: RedriveDestination.graceMillisecondsMax + 1)
        }
    }

    @Test("a move is undone as far as messages have not been consumed")
    func undoMove() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        try moving.kill(["1", "2", "3"], in: "a")
        try moving.kill(["4"], in: "b")
        let task = try moving.move()
        #expect(task.targets == ["a": 3, "b": 1] && task.copies == 4)
        let channel = RecordingChannel()
        try moving.broker.consume(try moving.queue("a"), on: channel, prefetch: 1)
        channel.isOpen = false
        #expect(channel.bodies == ["1"])
        try moving.broker.publish("new", to: "work", key: "a", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        let undone = try undo(moving, task.id)
        #expect(undone.map(\.moved) == [2, 1] && undone.allSatisfy { $0.action == .undo && $0.status == .done })
        #expect(try moving.bodies("dead") == ["2", "3", "4"] && moving.bodies("a") == ["1", "new"])
        let headers = try #require(try moving.messages("dead").first?.properties.headers)
        #expect(headers.entries.allSatisfy { !$0.name.hasPrefix("x-redriven") })
        #expect(try undo(moving, task.id).map(\.moved) == [0, 0])
    }

    @Test("what came to several queues each is not brought back")
    func fanOut() throws {
        let moving = try Redriving()
        try moving.declare(["a", "b"])
        let host = try moving.broker.host
        try host.bind(
            try host.existingExchange("work"), to: .queue(try moving.queue("b")), routingKey: "a", arguments: [:])
        try moving.broker.publish("1", key: "dead", BasicProperties(deliveryMode: 2))
        moving.core.endBurst()
        let task = try moving.move("dead", RedriveRequest(destination: .exchange("work", routingKey: "a")))
        #expect(task.copies == 2 && task.moved == 1)
        #expect(throws: RedriveError.self) { _ = try undo(moving, task.id) }
        #expect(throws: RedriveError.taskUnknown) { _ = try undo(moving, 99) }
    }
}
