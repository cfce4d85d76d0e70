import AMQPProtocol
import Testing

@testable import AMQPEngine
@testable import Broker

/// How long a consumer may take, by a clock that nobody's haste depends on. What becomes of one that takes longer is shown
/// over a socket, in ConformanceTests.
@Suite struct ConsumerTimeTests {
    @Test("who acknowledges in time stays, however long it takes all in all; who does not is cancelled")
    func inTime() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(
            wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")) + wire(BasicQos(prefetchCount: 1))
                + wire(
                    BasicConsume(queue: "q", consumerTag: "steady", arguments: ["x-consumer-timeout": .int32(400)])))
        _ = peer.takeSent()
        for tag in 1...5 as ClosedRange<UInt64> {
            peer.send(wirePublish([1], key: "q"))
            fixture.advance(milliseconds: 150)
            peer.send(wire(BasicAck(deliveryTag: tag)))
        }
        #expect(deliveriesAndCancels(peer) == (5, 0))
        peer.send(wirePublish([1], key: "q"))
        fixture.advance(milliseconds: 390)
        #expect(deliveriesAndCancels(peer) == (1, 0))
        fixture.advance(milliseconds: 100)
        #expect(deliveriesAndCancels(peer) == (0, 1))
    }

    private func deliveriesAndCancels(_ peer: EnginePeer) -> (Int, Int) {
        let methods = peer.takeMethods().map(\.method)
        return (
            methods.filter { if case .basicDeliver = $0 { true } else { false } }.count,
            methods.filter { if case .basicCancel = $0 { true } else { false } }.count
        )
    }
}
