import AMQPProtocol
import SegmentLog
import Testing

@testable import AMQPEngine
@testable import Broker

/// What is sent, when, and in which frames.
@Suite struct FlowTests {
    @Test("without a frame-max a body goes out in one frame")
    func noFrameMax() throws {
        let fixture = try EngineFixture { $0.frameMax = 0 }
        let peer = fixture.connect()
        peer.send(EnginePeer.handshake(frameMax: 0) + wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")))
        _ = peer.takeSent()
        let body = [UInt8](repeating: 7, count: 1_000_000)
        peer.send(wirePublish(body, key: "q", bodyPartSize: body.count) + wire(BasicGet(queue: "q", noAck: true)))
        let sent = peer.takeSent()
        #expect(sent.suffix(body.count + Frame.overhead) == frame(3, body)[...])
    }

    private func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        wire { buffer in
            buffer.append(type)
            buffer.append(1 as UInt16)
            buffer.append(UInt32(payload.count))
            buffer.append(payload)
            buffer.append(Frame.end)
        }
    }

    @Test("deliveries stop when the socket is full, and go on in order when it is not")
    func fullSocket() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(
            wire(ChannelOpen()) + wire(QueueDeclare(queue: "q"))
                + wire(BasicConsume(queue: "q", consumerTag: "c", noAck: true)))
        _ = peer.takeSent()
        peer.connection?.writabilityChanged(isWritable: false)
        for number in 0..<10 as Range<UInt8> { peer.send(wirePublish([number], key: "q")) }
        #expect(peer.takeSent().isEmpty)
        peer.connection?.writabilityChanged(isWritable: true)
        peer.settle()
        let tags = peer.takeMethods().compactMap { _, method -> UInt64? in
            if case .basicDeliver(let deliver) = method { deliver.deliveryTag } else { nil }
        }
        #expect(tags == Array(1...10))
    }

    @Test("a burst delivers about a MiB to a connection, the rest follows in further bursts")
    func outputLimit() throws {
        let fixture = try EngineFixture()
        let publisher = fixture.open()
        publisher.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")))
        for _ in 0..<100 {
            publisher.send(wirePublish([UInt8](repeating: 1, count: 50_000), key: "q", bodyPartSize: 60_000))
        }
        let consumer = fixture.open()
        consumer.present(wire(ChannelOpen()) + wire(BasicConsume(queue: "q", consumerTag: "c", noAck: true)))
        fixture.core.endBurst()
        let first = consumer.takeSent().count
        #expect(first >= 1 << 20 && first < 1 << 20 + 100_000)
        consumer.settle()
        #expect(first + consumer.takeSent().count > 100 * 50_000)
    }

    @Test("a client that asks for more than it reads is not read until it does")
    func asksWithoutReading() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        let body = [UInt8](repeating: 1, count: 1_000_000)
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")))
        for _ in 0..<40 { peer.send(wirePublish(body, key: "q", bodyPartSize: 100_000)) }
        _ = peer.takeSent()
        peer.connection?.writabilityChanged(isWritable: false)
        for _ in 0..<40 { peer.send(wire(BasicGet(queue: "q", noAck: true))) }
        #expect(peer.takeSent().isEmpty && peer.connection?.acceptsInput == false)
        // 16 MiB wait, and the rest is still in the queue.
        #expect(fixture.host.queue(named: "q")?.readyCount == 23)
        // Room comes and goes; whenever there is some, more of the requests are carried out.
        var receivedCount = 0
        for _ in 0..<3 {
            peer.connection?.writabilityChanged(isWritable: true)
            fixture.core.endBurst()
            receivedCount += peer.takeMethods().count
            peer.connection?.writabilityChanged(isWritable: false)
            peer.settle()
        }
        #expect(receivedCount == 40)
        #expect(peer.connection?.acceptsInput == true)
    }

    @Test("requests in one burst are answered in several, not with all there is at once")
    func pipelinedGets() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        let body = [UInt8](repeating: 1, count: 1_000_000)
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")))
        for _ in 0..<40 { peer.send(wirePublish(body, key: "q", bodyPartSize: 100_000)) }
        _ = peer.takeSent()
        peer.present((0..<40).flatMap { _ in wire(BasicGet(queue: "q", noAck: true)) })
        fixture.core.endBurst()
        #expect(peer.takeMethods().count == 17)
        peer.settle()
        #expect(peer.takeMethods().count == 23)
    }

    @Test("replies to a requester that does not read are unroutable when too many wait")
    func repliesToADeafRequester() throws {
        let fixture = try EngineFixture()
        let requester = fixture.open()
        requester.send(
            wire(ChannelOpen()) + wire(QueueDeclare(queue: "q"))
                + wire(BasicConsume(queue: "amq.rabbitmq.reply-to", noAck: true))
                + wirePublish([1], key: "q", BasicProperties(replyTo: "amq.rabbitmq.reply-to")))
        guard let (entry, message) = fixture.host.queue(named: "q")?.fetch() else {
            Issue.record("no request")
            return
        }
        let address = try #require(try BasicProperties(decoding: message.properties).replyTo)
        fixture.host.queue(named: "q")?.settleFetched(entry)
        requester.connection?.writabilityChanged(isWritable: false)
        let server = fixture.open()
        server.send(wire(ChannelOpen()))
        _ = server.takeSent()
        let body = [UInt8](repeating: 1, count: 1_000_000)
        for _ in 0..<20 { server.send(wirePublish(body, key: address, mandatory: true, bodyPartSize: 100_000)) }
        #expect(server.takeMethods().map(\.method.id) == [.basicReturn, .basicReturn, .basicReturn])
        requester.drop()
        server.drop()
        fixture.expectNothingHeld()
    }

    @Test("a connection that is closed is told why although its socket is full")
    func closeWhenFull() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.connection?.writabilityChanged(isWritable: false)
        peer.send(wire(ChannelOpen()) + wire(ChannelOpen()))
        #expect(peer.takeMethods().map(\.method.id) == [.channelOpenOk, .connectionClose])
    }

    @Test("a transaction has its limit, and one that is refused leaves nothing behind")
    func transactionLimit() throws {
        let fixture = try EngineFixture()
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q")) + wire(TxSelect()))
        _ = peer.takeSent()
        let publish = wirePublish([UInt8](repeating: 1, count: 16 << 20), key: "q", bodyPartSize: 131_000)
        for _ in 0..<16 { peer.send(publish) }
        guard case .channelClose(let close)? = peer.takeMethods().first?.method else {
            Issue.record("no channel.close")
            return
        }
        #expect(close.replyCode == .contentTooLarge)
        #expect(fixture.host.queue(named: "q")?.readyCount == 0)
    }

    @Test("what follows a declare that must be durable waits for the disk")
    func durableDeclare() throws {
        let fixture = try EngineFixture { $0.sync = .sync }
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()))
        _ = peer.takeSent()
        peer.present(wire(QueueDeclare(queue: "q", durable: true)) + wire(BasicGet(queue: "q", noAck: true)))
        #expect(peer.connection?.acceptsInput == false)
        peer.settle()
        #expect(peer.takeMethods().map(\.method.id) == [.queueDeclareOk, .basicGetEmpty])
    }

    @Test("nothing follows channel.close on its channel, not even the confirm of what came before")
    func nothingBehindClose() throws {
        let fixture = try EngineFixture { $0.sync = .sync }
        let peer = fixture.open()
        peer.send(wire(ChannelOpen()) + wire(QueueDeclare(queue: "q", durable: true)) + wire(ConfirmSelect()))
        _ = peer.takeSent()
        peer.send(
            wirePublish([1], key: "q", BasicProperties(deliveryMode: 2)) + wire(QueueDeclare(queue: "amq.mine")))
        #expect(peer.takeMethods().map(\.method.id) == [.channelClose])
        #expect(fixture.host.queue(named: "q")?.readyCount == 1)
    }

    @Test("a connection that is lost while a declare waits for the disk leaves nothing behind")
    func lostWhileWaiting() throws {
        let fixture = try EngineFixture { $0.sync = .sync }
        let peer = fixture.open()
        peer.present(
            wire(ChannelOpen()) + wire(QueueDeclare(queue: "q", durable: true)) + wire(BasicGet(queue: "q")))
        peer.drop()
        fixture.expectNothingHeld()
        #expect(fixture.host.queue(named: "q") != nil)
    }
}
