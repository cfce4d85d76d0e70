import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import AMQPEngine
@testable import Broker

/// No input, however malformed, crashes the broker, touches another connection, or leaves anything behind.
@Suite struct HostileBytesTests {
    /// A connection that has nothing to do with the bad ones, and finds out whether they left it alone.
    private struct Bystander {
        private let peer: EnginePeer
        private var deliveryTag: UInt64 = 0

        init(_ fixture: EngineFixture) {
            peer = fixture.open()
            peer.send(
                wire(ChannelOpen()) + wire(QueueDeclare(queue: "bystander", exclusive: true))
                    + wire(BasicConsume(queue: "bystander", consumerTag: "b", noAck: true)))
            #expect(peer.takeMethods().map(\.method.id) == [.channelOpenOk, .queueDeclareOk, .basicConsumeOk])
        }

        mutating func expectUntouched(_ input: @autoclosure () -> [UInt8]) {
            peer.send(wirePublish([1, 2, 3], key: "bystander"))
            deliveryTag += 1
            let expected: [Method] = [
                .basicDeliver(
                    BasicDeliver(
                        consumerTag: "b", deliveryTag: deliveryTag, redelivered: false, exchange: "",
                        routingKey: "bystander"))
            ]
            if peer.takeMethods().map(\.method) != expected { Issue.record("another connection noticed: \(input())") }
        }

        func leave() { peer.drop() }
    }

    /// Takes away what clients have left that outlives them.
    private func deleteTopology(_ fixture: EngineFixture) {
        for queue in fixture.host.allQueues where queue.name != "bystander" { fixture.host.delete(queue) }
        for exchange in fixture.host.allExchanges where !exchange.isPredeclared {
            try? fixture.host.deleteExchange(exchange.name, ifUnused: false)
        }
        fixture.settle()
    }

    private func declareTopology(_ fixture: EngineFixture) {
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + Meeting.topology)
        peer.drop()
    }

    @Test("random bytes at any point of the handshake and after it")
    func randomBytes() throws {
        var random = SeededGenerator()
        let fixture = try EngineFixture()
        var bystander = Bystander(fixture)
        let handshake = EnginePeer.handshake()
        for round in 0..<60_000 {
            let peer = fixture.connect()
            // All of the handshake, or a part of it.
            if !random.once(in: 3) {
                peer.send(
                    Array(handshake.prefix(random.once(in: 2) ? handshake.count : random.next(upTo: handshake.count))))
            }
            var input = random.bytes(countMax: 40)
            // Frames of a size that is sane get further.
            if input.count > 7, random.once(in: 2) { input.replaceSubrange(3..<6, with: [0, 0, 0]) }
            for part in random.parts(of: input, sizeMax: 40) { peer.send(part) }
            if random.once(in: 2) { fixture.advance(milliseconds: 20_000) }
            peer.drop()
            if round.isMultiple(of: 1000) { bystander.expectUntouched(input) }
        }
        bystander.leave()
        fixture.expectNothingHeld()
    }

    @Test("clients that do anything at random, with damaged frames, time, alarms and full sockets in between")
    func hostileClients() throws {
        var random = SeededGenerator()
        let fixture = try EngineFixture()
        var bystander = Bystander(fixture)
        var received: [MethodID: Int] = [:]
        for _ in 0..<100 {
            deleteTopology(fixture)
            declareTopology(fixture)
            var clients = (0..<3).map { _ in RandomClient(fixture) }
            for _ in 0..<1000 {
                let index = random.next(upTo: clients.count)
                if clients[index].isOver || random.once(in: 200) {
                    received.merge(clients[index].receivedCounts, uniquingKeysWith: +)
                    clients[index].peer.drop()
                    clients[index] = RandomClient(fixture)
                }
                let client = clients[index]
                client.step(&random) { random, frames in
                    switch random.next(upTo: 100) {
                    case 0: random.mutated(frames)
                    case 1, 2: random.mutatedPayloads(frames)
                    default: frames
                    }
                }
                if random.once(in: 2) { client.peer.settle() }
                if random.once(in: 10) { client.peer.connection?.writabilityChanged(isWritable: !random.once(in: 3)) }
                if random.once(in: 20) { fixture.advance(milliseconds: UInt64(random.next(upTo: 700))) }
                if random.once(in: 50) { fixture.core.setResourceAlarm(random.once(in: 2) ? "low on patience" : nil) }
            }
            fixture.core.setResourceAlarm(nil)
            weak let first = clients[0].peer.connection
            for client in clients {
                received.merge(client.receivedCounts, uniquingKeysWith: +)
                client.peer.drop()
            }
            clients = []
            fixture.expectQueuesUnused(except: "bystander")
            bystander.expectUntouched([])
            #expect(first == nil, "a connection that is over is still referred to")
        }
        deleteTopology(fixture)
        bystander.leave()
        fixture.expectNothingHeld()
        // The clients have been everywhere.
        for id in Self.reachable { #expect(received[id, default: 0] > 20, "\(id)") }
    }

    private static let reachable: [MethodID] = [
        .basicDeliver, .basicGetOk, .basicGetEmpty, .basicReturn, .basicAck, .basicNack, .basicCancel, .basicConsumeOk,
        .basicRecoverOk, .txCommitOk, .txRollbackOk, .queueDeclareOk, .queueBindOk, .exchangeBindOk, .exchangeDeclareOk,
        .queuePurgeOk, .queueDeleteOk, .channelClose, .channelCloseOk,
    ]

    @Test("mutated sessions in one piece or many")
    func mutatedSessions() throws {
        var random = SeededGenerator()
        let fixture = try EngineFixture()
        for _ in 0..<1500 {
            let session = random.session(steps: 12)
            let input = random.once(in: 2) ? random.mutated(session) : random.mutatedPayloads(session)
            let peer = fixture.connect()
            for part in random.parts(of: input, sizeMax: 400) { peer.send(part) }
            peer.drop()
            fixture.expectNothingHeld()
            deleteTopology(fixture)
        }
    }

    @Test("a valid session cut off at every byte")
    func cutOff() throws {
        var random = SeededGenerator()
        let fixture = try EngineFixture()
        let session = random.session(steps: 8)
        for count in 0...session.count {
            let peer = fixture.connect()
            peer.send(Array(session.prefix(count)))
            peer.drop()
            fixture.expectNothingHeld()
            deleteTopology(fixture)
        }
    }

    @Test("a frame that is larger than allowed is refused at its header, in every phase", arguments: 0...5)
    func oversized(phase: Int) throws {
        let fixture = try EngineFixture()
        let peer = fixture.connect()
        var stages: [[UInt8]] = [
            Frame.protocolHeader,
            wire(ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0guest".utf8)), on: 0),
            wire(ConnectionTuneOk(channelMax: 10, frameMax: 4096, heartbeat: 0), on: 0),
            wire(ConnectionOpen(virtualHost: "/"), on: 0),
            wire(ChannelOpen()),
            wire(BasicPublish(routingKey: "key")),
        ]
        stages.removeSubrange((phase + 1)...)
        peer.send(stages.flatMap(\.self))
        _ = peer.takeSent()
        peer.send([1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        guard case .connectionClose(let close)? = peer.takeMethods().first?.method else {
            Issue.record("no connection.close")
            return
        }
        #expect(close.replyCode == .frameError)
        // Whatever follows is taken and thrown away, until time is up.
        peer.send([UInt8](repeating: 1, count: 100_000))
        #expect(!peer.isClosed && peer.takeSent().isEmpty)
        fixture.advance(milliseconds: 1000)
        #expect(peer.isClosed)
        peer.drop()
        fixture.expectNothingHeld()
    }
}
