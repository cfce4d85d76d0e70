import AMQPProtocol
import HarrierClient

/// The client's side of opening a connection, without any I/O.
struct Handshake {
    /// What is proposed to the broker, in bytes.
    static let frameMax = 131_072

    private enum Phase {
        case awaitingStart
        case awaitingTune
        case awaitingOpenOk
        case open
    }

    private let configuration: ConnectionConfiguration
    private let name: String
    private var phase = Phase.awaitingStart
    /// The largest frame that was agreed on, in bytes, overhead included.
    private(set) var frameMax = Self.frameMax

    init(configuration: ConnectionConfiguration, name: String) {
        self.configuration = configuration
        self.name = name
    }

    var isOpen: Bool { phase == .open }

    /// What the broker gets for its method.
    mutating func received(_ method: Method) throws(LoadError) -> [Method] {
        switch (phase, method) {
        case (.awaitingStart, .connectionStart):
            phase = .awaitingTune
            let response = [0] + Array(configuration.user.utf8) + [0] + Array(configuration.password.utf8)
            return [
                .connectionStartOk(
                    ConnectionStartOk(clientProperties: clientProperties, mechanism: "PLAIN", response: response))
            ]
        case (.awaitingTune, .connectionTune(let tune)):
            phase = .awaitingOpenOk
            if tune.frameMax > 0 { frameMax = min(frameMax, Int(tune.frameMax)) }
            guard frameMax >= Frame.minSize else { throw .protocolViolation("frame-max \(tune.frameMax)") }
            // No heartbeats: they would be in what is measured, and a run has an end.
            return [
                .connectionTuneOk(
                    ConnectionTuneOk(channelMax: tune.channelMax, frameMax: UInt32(frameMax), heartbeat: 0)),
                .connectionOpen(ConnectionOpen(virtualHost: configuration.virtualHost)),
            ]
        case (.awaitingOpenOk, .connectionOpenOk):
            phase = .open
            return []
        default: throw .protocolViolation("\(method.id), which is out of turn")
        }
    }

    private var clientProperties: FieldTable {
        [
            "product": .string("harrier bench"),
            "platform": .string("Swift"),
            "connection_name": .string("harrier bench: \(name)"),
            "capabilities": .table([
                "publisher_confirms": .boolean(true),
                "basic.nack": .boolean(true),
                "consumer_cancel_notify": .boolean(true),
                "connection.blocked": .boolean(true),
                "authentication_failure_close": .boolean(true),
            ]),
        ]
    }
}
