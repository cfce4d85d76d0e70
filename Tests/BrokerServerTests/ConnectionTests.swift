import AMQPEngine
import AMQPProtocol
import Broker
import NIOCore
import TestServers
import Testing

@testable import BrokerServer

/// What a client sees of the socket's life. What it sees of the protocol is tested with the engine.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static let forcedText = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"

    private static func expectClose(_ method: Method, _ code: ReplyCode, _ text: String) {
        guard case .connectionClose(let close) = method else {
            Issue.record("not connection.close: \(method)")
            return
        }
        #expect(close.replyCode == code)
        #expect(close.replyText == text)
    }

    @Test(arguments: [0, 2]) func anotherProtocolIsAnsweredWithOursAndClosed(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads) { server in
            try await RawClient.with(port: server.amqpPort) { client in
                try await client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                #expect(try await client.receiveToEnd() == Frame.protocolHeader)
            }
        }
    }

    @Test(arguments: [0, 2]) func aClientLogsInByteByByte(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads) { server in
            try await RawClient.with(port: server.amqpPort) { client in
                for byte in Frame.protocolHeader { try await client.send([byte]) }
                guard case .connectionStart = try await client.receiveMethod() else {
                    Issue.record("no connection.start")
                    return
                }
                let answer = ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0guest".utf8))
                for byte in RawClient.frame(answer) { try await client.send([byte]) }
                guard case .connectionTune = try await client.receiveMethod() else {
                    Issue.record("no connection.tune")
                    return
                }
            }
        }
    }

    @Test(arguments: [0, 2]) func aShutdownTellsEveryClient(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads) { server in
            try await RawClient.with(port: server.amqpPort) { first in
                try await first.open()
                try await RawClient.with(port: server.amqpPort) { second in
                    try await second.open()
                    async let end: Void = server.shutdown()
                    Self.expectClose(try await first.receiveMethod(), .connectionForced, Self.forcedText)
                    Self.expectClose(
                        try await second.receiveMethod(), .connectionForced, Self.forcedText)
                    try await first.send(ConnectionCloseOk())
                    try await second.send(ConnectionCloseOk())
                    #expect(try await first.receiveToEnd().isEmpty)
                    #expect(try await second.receiveToEnd().isEmpty)
                    try await end
                }
            }
        }
    }

    @Test(arguments: [0, 2]) func aClientThatDoesNotAnswerTheShutdownIsCutOff(ioThreads: Int) async throws {
        try await TestServer.with(
            ioThreads: ioThreads, configure: { configuration, _ in configuration.drainMilliseconds = 50 }
        ) { server in
            try await RawClient.with(port: server.amqpPort) { client in
                try await client.open()
                try await server.shutdown()
                Self.expectClose(try await client.receiveMethod(), .connectionForced, Self.forcedText)
            }
        }
    }

    /// A durable declare stops the input until the disk has it, so the last of these wait in the backlog when the end of
    /// the input comes.
    @Test(arguments: ["amqp", "amqps"])
    func whatWasSentBeforeTheEndIsCarriedOutAndAnswered(listener: String) async throws {
        try await TestServer.with(configure: { $0.tls = try TLSFixtures.listener(in: $1) }) {
            server in
            let tls = try listener == "amqps" ? TLSFixtures.clientConfiguration(showingCertificate: false) : nil
            try await RawClient.with(port: server.port(of: listener), tls: tls) { client in
                try await client.open()
                var bytes = RawClient.frame(ChannelOpen(), channel: 1)
                for number in 0..<20 {
                    bytes += RawClient.frame(QueueDeclare(queue: "q\(number)", durable: true), channel: 1)
                }
                try await client.send(bytes)
                client.endSending()
                guard case .channelOpenOk = try await client.receiveMethod() else {
                    Issue.record("no channel.open-ok")
                    return
                }
                for number in 0..<20 {
                    guard case .queueDeclareOk(let answer) = try await client.receiveMethod() else {
                        Issue.record("no queue.declare-ok")
                        return
                    }
                    #expect(answer.queue == "q\(number)")
                }
                #expect(try await client.receiveToEnd().isEmpty)
            }
            let isThere = try await server.withBroker { $0.virtualHosts["/"]?.queue(named: "q19") != nil }
            #expect(isThere)
        }
    }

    @Test(arguments: [0, 2]) func aFrameLargerThanAReadArrives(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads) { server in
            try await RawClient.with(port: server.amqpPort) { client in
                try await client.open()
                try await client.send(ChannelOpen(), channel: 1)
                _ = try await client.receiveMethod()
                // A table of 100 KiB, twice the size of one read, and a small frame behind it in the same burst.
                let value = FieldValue.longString([UInt8](repeating: 0x78, count: 100 << 10))
                let declare = QueueDeclare(queue: "large", arguments: ["note": value])
                try await client.send(
                    RawClient.frame(declare, channel: 1) + RawClient.frame(QueueDeclare(queue: "small"), channel: 1)
                )
                for name in ["large", "small"] {
                    guard case .queueDeclareOk(let answer) = try await client.receiveMethod() else {
                        Issue.record("no queue.declare-ok")
                        return
                    }
                    #expect(answer.queue == name)
                }
            }
        }
    }

    @Test(arguments: [0, 2]) func aHundredClientsComeAndGo(ioThreads: Int) async throws {
        try await TestServer.with(ioThreads: ioThreads) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await RawClient.with(port: server.amqpPort) { client in
                            try await client.open()
                            try await client.send(ConnectionClose(replyCode: .replySuccess))
                            guard case .connectionCloseOk = try await client.receiveMethod() else {
                                Issue.record("no connection.close-ok")
                                return
                            }
                            #expect(try await client.receiveToEnd().isEmpty)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("::ffff:127.0.0.1", true),
        ("10.0.0.1", false), ("::2", false), ("::ffff:10.0.0.1", false), ("1::1", false),
    ])
    func loopbackAddressesAreKnown(address: String, isLoopback: Bool) {
        #expect(ConnectionPeer.isLoopback(address) == isLoopback)
    }
}
