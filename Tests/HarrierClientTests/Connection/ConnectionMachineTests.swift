import AMQPProtocol
import Testing

@testable import HarrierClient

struct ConnectionMachineTests {
    private static let start = Method.connectionStart(
        ConnectionStart(mechanisms: Array("PLAIN AMQPLAIN".utf8), locales: Array("en_US".utf8)))

    private static func tune(channelMax: UInt16 = 2047, frameMax: UInt32 = 131_072, heartbeat: UInt16 = 60) -> Method {
        .connectionTune(ConnectionTune(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat))
    }

    private static func opened(_ configuration: ConnectionConfiguration = .init(host: "h")) -> ConnectionMachine {
        var machine = ConnectionMachine(configuration: configuration)
        _ = machine.received(start)
        _ = machine.received(tune())
        _ = machine.received(.connectionOpenOk(ConnectionOpenOk()))
        return machine
    }

    @Test func theHandshake() throws {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.user = "me"
        configuration.password = "secret"
        configuration.virtualHost = "v"
        configuration.connectionName = "the name"
        configuration.clientProperties = ["product": .string("mine")]
        var machine = ConnectionMachine(configuration: configuration)

        guard case .connectionStartOk(let startOk)? = machine.received(Self.start).sent?.first else {
            Issue.record("no start-ok")
            return
        }
        #expect(startOk.mechanism == "PLAIN")
        #expect(startOk.response == Array("\0me\0secret".utf8))
        #expect(startOk.clientProperties["connection_name"]?.stringValue == "the name")
        #expect(startOk.clientProperties["product"]?.stringValue == "mine")
        let capabilities = startOk.clientProperties["capabilities"]?.tableValue
        #expect(capabilities?["consumer_cancel_notify"]?.booleanValue == true)

        let tuneOk = ConnectionTuneOk(channelMax: 2047, frameMax: 131_072, heartbeat: 60)
        #expect(
            machine.received(Self.tune()).sent
                == [.connectionTuneOk(tuneOk), .connectionOpen(ConnectionOpen(virtualHost: "v"))])
        #expect(!machine.isOpen)
        let limits = machine.received(.connectionOpenOk(ConnectionOpenOk())).limits
        #expect(limits?.frameBytesMax == 131_072)
        #expect(machine.isOpen)
        #expect(throws: Never.self) { try machine.checkOpen() }
    }

    @Test(arguments: [
        // Ours: channels 2047, frames 131072, heartbeat 60; 0 sets no limit.
        (ConnectionTune(channelMax: 0, frameMax: 0, heartbeat: 0), 2047, 131_072, 60),
        (ConnectionTune(channelMax: 10, frameMax: 8192, heartbeat: 10), 10, 8192, 10),
        (ConnectionTune(channelMax: 65535, frameMax: 1_000_000, heartbeat: 600), 2047, 131_072, 60),
    ])
    func theLowerLimitIsAgreedOn(tune: ConnectionTune, channelMax: UInt16, frameBytesMax: Int, heartbeat: UInt16) {
        let limits = ConnectionLimits(proposed: tune, configuration: .init(host: "h"))
        #expect(limits.channelMax == channelMax)
        #expect(limits.frameBytesMax == frameBytesMax)
        #expect(limits.heartbeatSeconds == heartbeat)
    }

    @Test func heartbeatsCanBeDeclined() {
        var configuration = ConnectionConfiguration(host: "h")
        configuration.heartbeatSeconds = 0
        let tune = ConnectionTune(channelMax: 0, frameMax: 0, heartbeat: 60)
        #expect(ConnectionLimits(proposed: tune, configuration: configuration).heartbeatSeconds == 0)
    }

    @Test func aFrameMaxBelowTheLeastBreaksTheProtocol() {
        var machine = ConnectionMachine(configuration: .init(host: "h"))
        _ = machine.received(Self.start)
        #expect(machine.received(Self.tune(frameMax: 4095)).violation == .notAllowed)
    }

    @Test func aBrokerWithoutPlainIsNotLoggedInTo() {
        var machine = ConnectionMachine(configuration: .init(host: "h"))
        let start = ConnectionStart(mechanisms: Array("EXTERNAL".utf8), locales: [])
        let end = machine.received(.connectionStart(start)).ended
        #expect(end?.error.code == .connectFailed)
        #expect(end?.answer == nil)
    }

    @Test func aRefusalDuringTheHandshakeIsAnsweredAndKept() {
        var machine = ConnectionMachine(configuration: .init(host: "h"))
        _ = machine.received(Self.start)
        let close = ConnectionClose(replyCode: .accessRefused, replyText: "ACCESS_REFUSED - no")
        let end = machine.received(.connectionClose(close)).ended
        #expect(end?.answer == .connectionCloseOk(ConnectionCloseOk()))
        #expect(end?.error.code == .connectionClosedByServer)
        #expect(end?.error.replyCode == .accessRefused)
        #expect(end?.error.replyText == "ACCESS_REFUSED - no")
        #expect(end?.error.method == nil)
        // The socket's end, which follows, does not change the reason.
        #expect(machine.disconnected(nil).replyCode == .accessRefused)
    }

    @Test func methodsOutOfTurnBreakTheProtocol() {
        var machine = ConnectionMachine(configuration: .init(host: "h"))
        #expect(machine.received(Self.tune()).violation == .commandInvalid)
        var open = Self.opened()
        #expect(open.received(Self.start).violation == .commandInvalid)
    }

    @Test func closingInOrder() {
        var machine = Self.opened()
        #expect(machine.close() == true)
        #expect(machine.close() == false)
        #expect(throws: AMQPClientError.self) { try machine.checkOpen() }
        let end = machine.received(.connectionCloseOk(ConnectionCloseOk())).ended
        #expect(end?.error.code == .connectionClosed)
        #expect(machine.disconnected(nil).code == .connectionClosed)
    }

    @Test func aSocketThatGoesWhileClosingIsNoError() {
        var machine = Self.opened()
        _ = machine.close()
        #expect(machine.disconnected(nil).code == .connectionClosed)
    }

    @Test func aSocketThatGoesIsALostConnection() {
        struct Reset: Error {}
        var machine = Self.opened()
        let error = machine.disconnected(Reset())
        #expect(error.code == .connectionLost)
        #expect(error.underlying is Reset)
        let later = #expect(throws: AMQPClientError.self) { try machine.checkOpen() }
        #expect(later?.code == .connectionLost)
        var early = ConnectionMachine(configuration: .init(host: "h"))
        #expect(early.disconnected(nil).code == .connectFailed)
    }

    @Test func blockingIsReported() {
        var machine = Self.opened()
        guard
            case .report(.blocked("low on memory")) = machine.received(
                .connectionBlocked(ConnectionBlocked(reason: "low on memory"))),
            case .report(.unblocked) = machine.received(.connectionUnblocked(ConnectionUnblocked()))
        else {
            Issue.record("not reported")
            return
        }
    }
}
