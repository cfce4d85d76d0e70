import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Edited copies of messages, and what becomes of their originals.
@Suite struct EditTests {
    private static let persistent = BasicProperties(deliveryMode: 2)

    private func edit(
        _ moving: Redriving, _ body: String, in queue: String = "dead", at index: Int = 0,
        to destination: RedriveDestination = .original(.newest),
        _ change: (inout BasicProperties) -> Void = { _ in }
    ) throws -> MessageEdit {
        let original = try moving.messages(queue)[index]
        var content = EditedContent(properties: original.properties, body: Array(body.utf8))
        change(&content.properties)
        let (queue, session) = (try moving.queue(queue), try moving.session())
        return try Browsing.wait(moving.core, moving.broker.clock) {
            (then: @escaping (Result<MessageEdit, any Error>) -> Void) in
            do {
                try moving.core.edits.begin(original, of: queue, content, to: destination, by: session) {
                    then($0.mapError { $0 as any Error })
                }
            } catch { then(.failure(error)) }
        }.get()
    }

    private func filled(_ bodies: [String] = ["poison"]) throws -> Redriving {
        let moving = try Redriving()
        try moving.declare(["a"])
        try moving.kill(bodies, in: "a")
        return moving
    }

    private func acknowledgeAll(_ moving: Redriving, in name: String) throws {
        let queue = try moving.queue(name)
        while case .message(let entry, _) = queue.get(isAutoAcknowledging: false, waiter: IdleWaiter()) {
            queue.acknowledge(entry, from: nil)
        }
        moving.core.endBurst()
    }

    private final class IdleWaiter: PageWaiter {
        func pageArrived() {}
    }

    private func status(_ moving: Redriving) -> [MessageEdit.Status] {
        moving.core.edits.edits(in: "/").map(\.status)
    }

    /// Until nothing is under way, for some looks at the most.
    private func settle(_ moving: Redriving) {
        for _ in 0..<100 where status(moving).contains(.underWay) { moving.turn() }
    }

    @Test("the copy is where the original had been, stamped; the original stays until the copy is acknowledged")
    func original() throws {
        let moving = try filled()
        let edit = try edit(moving, "cured") { $0.contentType = "text/plain" }
        #expect(edit.status == .underWay && moving.core.edits.queues(of: edit) == ["a"])
        let copy = try #require(try moving.messages("a").first)
        #expect(copy.bodyText == "cured" && copy.properties.contentType == "text/plain")
        let headers = try #require(copy.properties.headers)
        #expect(headers["x-edited-by"] == .string("guest") && headers["x-original-id"] == .string("0"))
        #expect(headers["x-original-queue"] == .string("dead") && headers["x-death"] != nil)
        settle(moving)
        #expect(try moving.bodies("dead") == ["poison"] && moving.messages("dead")[0].editID == edit.id)
        try acknowledgeAll(moving, in: "a")
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done])
    }

    @Test("a second edit is refused, and moves leave the original alone, while the first one is under way")
    func second() throws {
        let moving = try filled()
        let first = try edit(moving, "cured")
        #expect(throws: EditError.underWay(edit: first.id, copies: ["a"])) { _ = try self.edit(moving, "again") }
        let task = try moving.move()
        #expect(task.moved == 0 && task.stays == [.beingEdited: 1])
        #expect(try moving.bodies("a") == ["cured"])
    }

    @Test("the link survives a restart and a crash", arguments: [false, true])
    func restart(isCrash: Bool) throws {
        let moving = try filled()
        let first = try edit(moving, "cured")
        if isCrash { try moving.broker.crash() } else { try moving.broker.restart() }
        #expect(try moving.bodies("dead") == ["poison"] && moving.bodies("a") == ["cured"])
        #expect(throws: EditError.underWay(edit: first.id, copies: ["a"])) { _ = try self.edit(moving, "again") }
        try acknowledgeAll(moving, in: "a")
        if isCrash { try moving.broker.crash() } else { try moving.broker.restart() }
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done])
        try moving.broker.restart()
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done])
    }

    @Test("a copy that dies again keeps its original; it can be edited itself, and with it both go")
    func diesAgain() throws {
        let moving = try filled()
        let first = try edit(moving, "still poison")
        try moving.rejectAll(in: "a")
        #expect(try moving.bodies("dead") == ["poison", "still poison"])
        settle(moving)
        #expect(moving.core.edits.queues(of: try #require(moving.core.edits.edits(in: "/").first)) == ["dead"])
        try moving.broker.crash()
        #expect(throws: EditError.underWay(edit: first.id, copies: ["dead"])) { _ = try self.edit(moving, "again") }
        _ = try edit(moving, "cured", at: 1)
        try acknowledgeAll(moving, in: "a")
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done, .done])
    }

    @Test(
        "what nobody has acknowledged leaves the original there, to be edited anew",
        arguments: ["expired", "purged", "deleted", "rejected", "transient", "queue"])
    func lost(way: String) throws {
        let moving = try filled()
        let host = try moving.broker.host
        try moving.broker.queue("plain")
        _ = try edit(moving, "copy", to: .queue("plain")) {
            if way == "expired" { $0.expiration = "1000" }
            if way == "transient" { $0.deliveryMode = 1 }
        }
        switch way {
        case "expired": moving.broker.clock.advance(milliseconds: 2000)
        case "purged": #expect(try moving.queue("plain").purge() == 1)
        case "deleted": try moving.move("plain", RedriveRequest(destination: .bin(graceMilliseconds: 1_000_000)))
        case "rejected": try moving.rejectAll(in: "plain")
        case "transient": try moving.broker.restart()
        default: host.delete(try moving.queue("plain"))
        }
        moving.core.endBurst()
        settle(moving)
        #expect(try moving.bodies("dead") == ["poison"] && status(moving) == [.copyLost])
        _ = try edit(moving, "cured")
        try acknowledgeAll(moving, in: "a")
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done, .copyLost])
    }

    @Test("with copies in several queues the original goes with the last of them")
    func fanOut() throws {
        let moving = try filled()
        let host = try moving.broker.host
        let other = try moving.broker.queue("other")
        try host.bind(try host.existingExchange("work"), to: .queue(other), routingKey: "a", arguments: [:])
        let edit = try edit(moving, "cured")
        #expect(Set(moving.core.edits.queues(of: edit)) == ["a", "other"])
        try acknowledgeAll(moving, in: "a")
        settle(moving)
        #expect(try moving.bodies("dead") == ["poison"])
        try acknowledgeAll(moving, in: "other")
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done])
    }

    @Test("an original that a consumer holds goes when it has come back")
    func heldOriginal() throws {
        let moving = try filled()
        _ = try edit(moving, "cured")
        let dead = try moving.queue("dead")
        guard case .message(let entry, _) = dead.get(isAutoAcknowledging: false, waiter: IdleWaiter()) else {
            Issue.record("nothing to get")
            return
        }
        try acknowledgeAll(moving, in: "a")
        settle(moving)
        #expect(status(moving) == [.underWay])
        dead.requeue(entry, from: nil, as: .failed)
        moving.core.endBurst()
        settle(moving)
        #expect(try moving.bodies("dead") == [] && status(moving) == [.done])
    }

    @Test("copy and link are one group of records: a crash leaves both, or neither")
    func oneGroup() throws {
        let moving = try filled()
        let dead = try moving.queue("dead")
        let before = moving.core.log.recordsAppended
        _ = try edit(moving, "cured")
        // Copy, link, commit.
        #expect(moving.core.log.recordsAppended - before == 3 && dead.ready.count == 1)
    }

    @Test("what no edit may do is refused")
    func refused() throws {
        let moving = try filled()
        #expect(throws: EditError.self) {
            _ = try self.edit(moving, "x") { $0.headers?["x-death"] = .array([]) }
        }
        #expect(throws: EditError.self) { _ = try self.edit(moving, "x") { $0.userID = "somebody" } }
        #expect(throws: EditError.self) { _ = try self.edit(moving, "x") { $0.expiration = "soon" } }
        #expect(throws: EditError.cannotGo(.unroutable)) {
            _ = try self.edit(moving, "x", to: .exchange("work", routingKey: "nowhere"))
        }
        #expect(throws: AMQPException.self) { _ = try self.edit(moving, "x", to: .queue("nowhere")) }
        #expect(try moving.bodies("dead") == ["poison"] && moving.bodies("a") == [] && status(moving) == [])
        _ = try edit(moving, "x") { $0.headers?["x-death"] = nil }
        #expect(try moving.messages("a").first?.properties.headers?["x-death"] == nil)
    }
}
