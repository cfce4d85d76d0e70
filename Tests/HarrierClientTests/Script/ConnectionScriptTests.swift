import AMQPProtocol
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import HarrierClient

@Suite(.timeLimit(.minutes(1)))
struct ConnectionScriptTests {
    private static func error(
        _ work: () async throws(AMQPClientError) -> Void
    ) async -> AMQPClientError? {
        do {
            try await work()
            return nil
        } catch {
            return error
        }
    }

    @Test func heartbeatsGoOutAndSilenceEndsTheConnection() async throws {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.heartbeatSeconds = 10
        let ended = Mutex<AMQPClientError?>(nil)
        configuration.onEvent = { event in
            if case .closed(let error) = event { ended.withLock { $0 = error } }
        }
        let broker = try await ScriptedBroker.opened(configuration)
        for _ in 0..<3 {
            await broker.socket.testingEventLoop.advanceTime(by: .seconds(10))
            #expect(try await broker.next() == .heartbeat)
            try await broker.send(ServerBytes.of { $0.heartbeat() })
        }
        #expect(broker.connection.isOpen)
        await broker.socket.testingEventLoop.advanceTime(by: .seconds(30))
        #expect(!broker.connection.isOpen)
        #expect(ended.withLock { $0?.code } == .connectionLost)
        #expect(!broker.socket.isActive)
    }

    @Test func aHandshakeThatTakesTooLongIsGivenUp() async throws {
        let broker = try await ScriptedBroker.connected()
        let core = broker.connection.core
        async let opening = Self.error { () throws(AMQPClientError) in
            _ = try await core.wait(on: nil) { state, call throws(AMQPClientError) in try state.awaitOpen(call) }
        }
        await broker.socket.testingEventLoop.advanceTime(by: .milliseconds(10_001))
        #expect(await opening?.code == .connectTimedOut)
        #expect(!broker.socket.isActive)
    }

    @Test func closingTakesFiveSecondsAtMost() async throws {
        let broker = try await ScriptedBroker.opened()
        let connection = broker.connection
        async let closed: Void = connection.close()
        guard case .connectionClose = try await broker.nextMethod() else {
            Issue.record("no connection.close")
            return
        }
        #expect(broker.socket.isActive)
        await broker.socket.testingEventLoop.advanceTime(by: .seconds(5))
        await closed
        #expect(!broker.socket.isActive)
    }

    @Test func theAnswerToAServersCloseIsWrittenBeforeTheSocketCloses() async throws {
        let broker = try await ScriptedBroker.opened()
        try await broker.send(
            .connectionClose(ConnectionClose(replyCode: .connectionForced, replyText: "CONNECTION_FORCED - bye")),
            channel: 0)
        #expect(try await broker.nextMethod() == .connectionCloseOk(ConnectionCloseOk()))
        try await broker.socket.closeFuture.get()
        let error = await Self.error { () throws(AMQPClientError) in
            _ = try await broker.connection.openChannel()
        }
        #expect(error?.replyCode == .connectionForced)
    }

    @Test func bytesThatAreNoAMQPEndTheConnection() async throws {
        let broker = try await ScriptedBroker.opened()
        try await broker.send([1, 0, 1, 0, 0, 0, 0, 0xCD])
        guard case .connectionClose(let close) = try await broker.nextMethod() else {
            Issue.record("the broker was not told")
            return
        }
        #expect(close.replyCode == .frameError)
        try await broker.socket.closeFuture.get()
        let error = await Self.error { () throws(AMQPClientError) in
            _ = try await broker.connection.openChannel()
        }
        #expect(error?.code == .protocolViolation)
    }

    @Test func blockingIsTold() async throws {
        let events = Mutex<[String]>([])
        var configuration = ConnectionConfiguration(host: "h")
        configuration.onEvent = { event in
            switch event {
            case .blocked(let reason): events.withLock { $0.append(reason) }
            case .unblocked: events.withLock { $0.append("unblocked") }
            case .closed(let error): events.withLock { $0.append(error?.code.description ?? "closed") }
            }
        }
        let broker = try await ScriptedBroker.opened(configuration)
        try await broker.send(.connectionBlocked(ConnectionBlocked(reason: "low on disk")), channel: 0)
        try await broker.send(.connectionUnblocked(ConnectionUnblocked()), channel: 0)
        try await broker.socket.close()
        #expect(events.withLock { $0 } == ["low on disk", "unblocked", "connectionLost"])
    }

    @Test func aConnectionThatNobodyHoldsCloses() async throws {
        let socket: NIOAsyncTestingChannel
        var broker: ScriptedBroker? = try await ScriptedBroker.opened()
        socket = try #require(broker).socket
        broker = nil
        let bytes = try await socket.waitForOutboundWrite(as: ByteBuffer.self)
        // connection.close: class 10, method 50.
        #expect(Array(bytes.readableBytesView.dropFirst(7).prefix(4)) == [0, 10, 0, 50])
    }

    @Test func whatBelongsToNoChannelEndsTheConnection() async throws {
        let broker = try await ScriptedBroker.opened()
        try await broker.send(.queueDeclareOk(QueueDeclareOk(queue: "q")), channel: 7)
        guard case .connectionClose(let close) = try await broker.nextMethod() else {
            Issue.record("the broker was not told")
            return
        }
        #expect(close.replyCode == .channelError)
    }
}
