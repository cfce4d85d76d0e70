import AMQPProtocol
import Testing

@testable import AMQPEngine
@testable import Broker

/// What a connection does when time passes.
@Suite struct TimeTests {
    @Test("a handshake that is not complete in ten seconds ends the connection", arguments: [0, 5, 8, 100])
    func handshake(byteCount: Int) throws {
        let fixture = try EngineFixture()
        let peer = fixture.connect()
        peer.send(Array(EnginePeer.handshake().prefix(byteCount)))
        fixture.advance(milliseconds: 9_999)
        #expect(!peer.isClosed)
        fixture.advance(milliseconds: 1)
        #expect(peer.isClosed)
        fixture.expectNothingHeld()
    }

    @Test("an open connection without heartbeats stays")
    func noHeartbeats() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open(heartbeatSeconds: 0)
        fixture.advance(milliseconds: 86_400_000)
        #expect(!peer.isClosed && peer.takeSent().isEmpty)
    }

    @Test("heartbeats go out every half interval, not while other frames do")
    func heartbeatsOut() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open(heartbeatSeconds: 10)
        let heartbeat = wire { $0.appendHeartbeat() }
        fixture.advance(milliseconds: 4_999)
        #expect(peer.takeSent().isEmpty)
        fixture.advance(milliseconds: 1)
        #expect(peer.takeSent() == heartbeat)
        // An answer in between is sign of life enough.
        fixture.advance(milliseconds: 4_000)
        peer.send(wire(ChannelOpen()))
        #expect(peer.takeMethods().map(\.method.id) == [.channelOpenOk])
        fixture.advance(milliseconds: 1_000)
        #expect(peer.takeSent().isEmpty)
        fixture.advance(milliseconds: 5_000)
        #expect(peer.takeSent() == heartbeat)
    }

    @Test("a peer that is silent for two intervals is cut off")
    func silence() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open(heartbeatSeconds: 10)
        for _ in 0..<3 {
            fixture.advance(milliseconds: 15_000)
            #expect(!peer.isClosed)
            peer.send(wire { $0.appendHeartbeat() })
        }
        fixture.advance(milliseconds: 20_000)
        #expect(peer.isClosed)
        fixture.expectNothingHeld()
    }

    @Test("an alarm does not count as the peer's silence, and is not held against it afterwards")
    func silenceOfOurMaking() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open(heartbeatSeconds: 10)
        fixture.core.setResourceAlarm("low on memory")
        peer.send(wire(ChannelOpen()) + wirePublish([1], key: "nobody"))
        fixture.advance(milliseconds: 100_000)
        #expect(!peer.isClosed)
        fixture.core.setResourceAlarm(nil)
        fixture.advance(milliseconds: 15_000)
        #expect(!peer.isClosed)
        fixture.advance(milliseconds: 5_000)
        #expect(peer.isClosed)
    }

    @Test("connection.close is waited on for five seconds, whatever else comes")
    func closeUnanswered() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(wire(QueueDeclare(queue: "q")))
        #expect(peer.takeMethods().map(\.method.id) == [.connectionClose])
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")))
        fixture.advance(milliseconds: 4_999)
        #expect(!peer.isClosed && peer.takeSent().isEmpty)
        fixture.expectNothingHeld()
        fixture.advance(milliseconds: 1)
        #expect(peer.isClosed)
    }

    @Test("connection.close-ok ends the connection at once, also while publishers are blocked")
    func closeWhileBlocked() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        fixture.core.setResourceAlarm("low on memory")
        peer.send(wire(ChannelOpen()) + wirePublish([1], key: "nobody"))
        _ = peer.takeSent()
        fixture.core.closeAllConnections(reason: "enough")
        #expect(peer.takeMethods().map(\.method.id) == [.connectionClose])
        peer.send(wire(ConnectionCloseOk(), on: 0))
        #expect(peer.isClosed)
    }

    @Test("a refused login without the capability to be told ends in silence after a second")
    func refusedLogin() throws {
        let fixture = try EngineFixture()
        let peer = fixture.connect()
        peer.send(Frame.protocolHeader)
        _ = peer.takeSent()
        let wrong = wire(ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0wrong".utf8)), on: 0)
        let right = wire(ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0guest".utf8)), on: 0)
        peer.send(wrong + right)
        fixture.advance(milliseconds: 999)
        #expect(!peer.isClosed)
        fixture.advance(milliseconds: 1)
        #expect(peer.isClosed && peer.takeSent().isEmpty)
        fixture.expectNothingHeld()
    }
}
