import AMQPProtocol
import SeededRandom
import TestSeeds
import Testing

@testable import AMQPEngine
@testable import Broker

/// How bytes are cut on their way makes no difference.
@Suite struct ChunkingTests {
    @Test("chunks of any size within a burst are answered byte for byte like the whole")
    func withinABurst() throws {
        var random = SeededGenerator()
        for _ in 0..<150 {
            // What the broker makes up itself differs from run to run.
            let session = withoutGeneratedNames(random.session(steps: 30))
            let whole = try EngineFixture()
            let wholePeer = whole.connect()
            wholePeer.present(session)
            wholePeer.settle()
            let cut = try EngineFixture()
            let cutPeer = cut.connect()
            let sizeMax = random.pick([1, 7, 8, 100, 5000])
            for part in random.parts(of: session, sizeMax: sizeMax) { cutPeer.present(part) }
            cutPeer.settle()
            #expect(cutPeer.takeSent() == wholePeer.takeSent())
            #expect(cutPeer.isClosed == wholePeer.isClosed)
        }
    }

    @Test("bursts of any size lead to the same queues with the same messages")
    func acrossBursts() throws {
        var random = SeededGenerator()
        for _ in 0..<150 {
            var session = EnginePeer.handshake() + wire(ChannelOpen())
            for name in ["q0", "q1"] { session += wire(QueueDeclare(queue: name, durable: random.once(in: 2))) }
            for number in 0..<30 {
                session += wirePublish(
                    [UInt8(number)], key: random.pick(["q0", "q1"]),
                    BasicProperties(deliveryMode: UInt8(1 + random.next(upTo: 2))), bodyPartSize: 1)
                if random.once(in: 6) { session += wire(BasicGet(queue: "q0", noAck: random.once(in: 2))) }
                if random.once(in: 10) { session += wire(BasicRecover(requeue: true)) }
            }
            let whole = try bodies(session, parts: [session])
            #expect(try bodies(session, parts: random.parts(of: session, sizeMax: 60)) == whole)
        }
    }

    /// The bodies left in the queues.
    private func bodies(_ session: [UInt8], parts: [[UInt8]]) throws -> [String: [UInt8]] {
        let fixture = try EngineFixture()
        let peer = fixture.connect()
        for part in parts { peer.send(part) }
        peer.drop()
        var result: [String: [UInt8]] = [:]
        for queue in fixture.host.allQueues {
            while let (entry, message) = queue.fetch() {
                result[queue.name, default: []] += Array(message.body)
                queue.settleFetched(entry)
            }
        }
        return result
    }
}
