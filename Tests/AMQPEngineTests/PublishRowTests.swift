import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import AMQPEngine
@testable import Broker

/// Publishes in rows are recognized by their bytes and take the route of those before. What comes out is the same as if
/// each frame had been read by itself.
@Suite struct PublishRowTests {
    @Test("rows are answered and delivered byte for byte like their frames one by one")
    func sameAsFrameByFrame() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            var session = EnginePeer.handshake() + wire(ChannelOpen()) + Meeting.topology
            if random.once(in: 2) { session += wire(ConfirmSelect()) }
            session += wire(BasicConsume(queue: "q0", consumerTag: "c0", noAck: random.once(in: 2)))
            for _ in 0..<12 {
                let step = random.rowStep()
                for _ in 0..<(1 + random.next(upTo: 6)) { session += step }
            }
            session = withoutGeneratedNames(session)
            let inRows = try outcome { peer in peer.present(session) }
            let oneByOne = try outcome { peer in
                for frame in frames(of: session) { peer.present(frame) }
            }
            let isSame = inRows == oneByOne
            #expect(isSame)
        }
    }

    private struct Outcome: Equatable {
        var sent: [UInt8]
        var isClosed: Bool
        var bodies: [String: [UInt8]]
    }

    private func outcome(_ say: (EnginePeer) -> Void) throws -> Outcome {
        let fixture = try EngineFixture()
        let peer = fixture.connect()
        say(peer)
        peer.settle()
        var outcome = Outcome(sent: peer.takeSent(), isClosed: peer.isClosed, bodies: [:])
        peer.drop()
        for queue in fixture.host.allQueues {
            while let (entry, message) = queue.fetch() {
                outcome.bodies[queue.name, default: []] += Array(message.body)
                queue.settleFetched(entry)
            }
        }
        return outcome
    }

    /// The protocol header, and each frame.
    private func frames(of session: [UInt8]) -> [[UInt8]] {
        var frames = [Array(session.prefix(Frame.protocolHeader.count))]
        var rest = session.dropFirst(Frame.protocolHeader.count)
        while let header = rest.withUnsafeBytes({ FrameHeader(peeking: $0) }) {
            frames.append(Array(rest.prefix(header.frameSize)))
            rest = rest.dropFirst(header.frameSize)
        }
        return frames
    }

    // MARK: What ends a remembered route

    /// A peer that has published three times in a row to queue `q`, so that the route is remembered.
    private func peerInARow(_ fixture: EngineFixture) -> EnginePeer {
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")) + wire(ConfirmSelect()))
        for number in 0..<3 as Range<UInt8> { peer.send(wirePublish([number], key: "q")) }
        _ = peer.takeSent()
        return peer
    }

    private func depth(_ fixture: EngineFixture, _ queue: String) -> Int? {
        fixture.host.queue(named: queue)?.readyCount
    }

    @Test("a queue that was deleted and declared again gets the messages from then on")
    func queueReplaced() throws {
        let fixture = try EngineFixture()
        let peer = peerInARow(fixture)
        peer.send(wire(QueueDelete(queue: "q")) + wirePublish([9], key: "q", mandatory: false))
        #expect(depth(fixture, "q") == nil)
        peer.send(wire(QueueDeclare(queue: "q")))
        for _ in 0..<4 { peer.send(wirePublish([1], key: "q")) }
        #expect(depth(fixture, "q") == 4)
    }

    @Test("a binding that comes, and one that goes, count for the next message")
    func bindingsChange() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "a")) + wire(QueueDeclare(queue: "b")))
        peer.send(wire(QueueBind(queue: "a", exchange: "amq.topic", routingKey: "k.#")))
        func publish() { peer.send(wirePublish([1], to: "amq.topic", key: "k.x")) }
        for _ in 0..<3 { publish() }
        peer.send(wire(QueueBind(queue: "b", exchange: "amq.topic", routingKey: "*.x")))
        for _ in 0..<3 { publish() }
        peer.send(wire(QueueUnbind(queue: "a", exchange: "amq.topic", routingKey: "k.#")))
        for _ in 0..<3 { publish() }
        #expect(depth(fixture, "a") == 6)
        #expect(depth(fixture, "b") == 6)
    }

    @Test("a policy that names another alternate exchange counts for the next message")
    func policyChanges() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + wire(ExchangeDeclare(exchange: "x", type: "direct")))
        for name in ["a", "b"] {
            peer.send(
                wire(ExchangeDeclare(exchange: name, type: "fanout")) + wire(QueueDeclare(queue: name))
                    + wire(QueueBind(queue: name, exchange: name)))
        }
        for alternate in ["a", "b"] {
            let value: FieldTable = [
                "pattern": .string("^x$"), "apply-to": .string("exchanges"), "priority": .int64(0),
                "definition": .table(["alternate-exchange": .string(alternate)]),
            ]
            fixture.host.setPolicy(try Policy(name: "p", value: value), isOperator: false)
            for _ in 0..<4 { peer.send(wirePublish([1], to: "x", key: "k")) }
        }
        #expect(depth(fixture, "a") == 4)
        #expect(depth(fixture, "b") == 4)
    }

    @Test("a permission that is taken away ends a row")
    func permissionTaken() throws {
        let fixture = try EngineFixture()
        let peer = peerInARow(fixture)
        fixture.core.access.setPermission(
            Permission(configure: ".*", write: "^$", read: ".*"), user: "guest", virtualHost: "/")
        peer.send(wirePublish([9], key: "q"))
        let closed = peer.takeMethods().contains { if case .channelClose = $0.method { true } else { false } }
        #expect(closed)
        #expect(depth(fixture, "q") == 3)
    }

    @Test("a full queue refuses in the middle of a row, and takes again when there is room")
    func queueFull() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(
            wire(ChannelOpen()) + wire(ConfirmSelect())
                + wire(
                    QueueDeclare(
                        queue: "q",
                        arguments: ["x-max-length": .int32(4), "x-overflow": .string("reject-publish")])))
        _ = peer.takeSent()
        peer.send((0..<6 as Range<UInt8>).flatMap { wirePublish([$0], key: "q") })
        let methods = peer.takeMethods().map(\.method)
        #expect(methods.filter { if case .basicNack = $0 { true } else { false } }.count == 2)
        peer.send(wire(QueuePurge(queue: "q")))
        peer.send((0..<3 as Range<UInt8>).flatMap { wirePublish([$0], key: "q") })
        #expect(depth(fixture, "q") == 3)
    }

    @Test("properties and their meaning are those of each message")
    func propertiesChange() throws {
        let fixture = try EngineFixture()
        let peer = peerInARow(fixture)
        peer.send(
            wirePublish([3], key: "q", BasicProperties(contentType: "text/plain", priority: 5))
                + wirePublish([4], key: "q", BasicProperties(expiration: "0"))
                + wirePublish([5], key: "q", BasicProperties(headers: ["CC": .array([.string("other")])]))
                + wirePublish([6], key: "q"))
        _ = peer.takeSent()
        fixture.advance(milliseconds: 5)
        peer.send((0..<7).flatMap { _ in wire(BasicGet(queue: "q", noAck: true)) })
        let bodies = peer.takeMethods().filter { if case .basicGetOk = $0.method { true } else { false } }.count
        // Number 4 was over its time at once.
        #expect(bodies == 6)
    }

    @Test("bytes that are no message are refused in the middle of a row as anywhere")
    func malformed() throws {
        let fixture = try EngineFixture()
        let peer = peerInARow(fixture)
        var message = wirePublish([9], key: "q")
        message[message.count - 1] = 0
        peer.send(message)
        let closed = peer.takeMethods().contains { if case .connectionClose = $0.method { true } else { false } }
        #expect(closed)
        #expect(depth(fixture, "q") == 3)
    }
}

extension SeededGenerator {
    /// What a channel says once or several times.
    fileprivate mutating func rowStep() -> [UInt8] {
        guard once(in: 3) else {
            var properties = BasicProperties()
            if once(in: 2) { properties.deliveryMode = UInt8(1 + next(upTo: 2)) }
            if once(in: 4) { properties.priority = UInt8(next(upTo: 5)) }
            if once(in: 4) { properties.contentType = "text/plain" }
            if once(in: 10) { properties.headers = ["h": .int32(1)] }
            if once(in: 10) { properties.expiration = "1000" }
            let size = next(upTo: 30)
            return wirePublish(
                bytes(countMax: size), to: pick(["", "x0", "x1", "x2", "amq.direct"]), key: pick(Meeting.keys),
                properties, mandatory: once(in: 4), bodyPartSize: once(in: 4) ? 7 : 1000)
        }
        return channelFrames(on: 1)
    }
}
