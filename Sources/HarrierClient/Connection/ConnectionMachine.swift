import AMQPProtocol

/// The connection itself (channel 0), without any I/O: handshake, blocking, and the ways it ends.
struct ConnectionMachine {
    enum Action {
        case none
        case send([Method])
        /// The handshake is done.
        case opened(ConnectionLimits)
        case report(ConnectionEvent)
        /// The connection is over: everybody who waits is told of the error. The socket is closed behind the answer.
        case end(AMQPClientError, answer: Method?)
        case violation(AMQPException)
    }

    private enum Phase {
        case awaitingStart
        case awaitingTune
        case awaitingOpenOk(ConnectionLimits)
        case open
        /// connection.close has been sent.
        case closing
        case closed(AMQPClientError)
    }

    private let configuration: ConnectionConfiguration
    private var phase = Phase.awaitingStart

    init(configuration: ConnectionConfiguration) {
        self.configuration = configuration
    }

    /// Throws why nothing can be asked of the connection.
    func checkOpen() throws(AMQPClientError) {
        switch phase {
        case .open: return
        case .closed(let error): throw error
        case .closing: throw .connectionClosed
        case .awaitingStart, .awaitingTune, .awaitingOpenOk:
            preconditionFailure("a connection is handed out only when it is open")
        }
    }

    var isOpen: Bool { if case .open = phase { true } else { false } }

    /// Whether nothing more is to be asked of the broker.
    var isEnding: Bool {
        switch phase {
        case .closing, .closed: true
        case .awaitingStart, .awaitingTune, .awaitingOpenOk, .open: false
        }
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// False if it is closing or closed already; otherwise connection.close is to be sent.
    mutating func close() -> Bool {
        guard isOpen else { return false }
        phase = .closing
        return true
    }

    /// The connection is over. The first reason counts, and is what everybody is told.
    mutating func end(_ error: AMQPClientError) -> AMQPClientError {
        switch phase {
        case .closed(let first): return first
        case .closing:
            phase = .closed(.connectionClosed)
            return .connectionClosed
        case .awaitingStart, .awaitingTune, .awaitingOpenOk, .open:
            phase = .closed(error)
            return error
        }
    }

    /// The socket is gone. What everybody is told.
    mutating func disconnected(_ underlying: (any Error)?) -> AMQPClientError {
        let message =
            switch phase {
            case .awaitingStart: "the connection ended before the broker's first AMQP method"
            case .awaitingTune: "the server closed the socket during the login: it may not accept user and password"
            case .awaitingOpenOk: "the server closed the socket while the virtual host was opened"
            case .open, .closing, .closed: "the connection to the broker was lost"
            }
        var code = AMQPClientError.Code.connectionLost
        if case .awaitingStart = phase { code = .connectFailed }
        return end(AMQPClientError(code, message, underlying: underlying))
    }

    mutating func received(_ method: Method) -> Action {
        switch (phase, method) {
        case (.closed, _): return .none
        case (_, .connectionClose(let close)):
            return .end(end(.closedByServer(close)), answer: .connectionCloseOk(ConnectionCloseOk()))
        case (.closing, .connectionCloseOk): return .end(end(.connectionClosed), answer: nil)
        case (.closing, _): return .none
        case (.awaitingStart, .connectionStart(let start)): return login(start)
        case (.awaitingTune, .connectionTune(let tune)): return agree(tune)
        case (.awaitingOpenOk(let limits), .connectionOpenOk):
            phase = .open
            return .opened(limits)
        case (.open, .connectionBlocked(let blocked)): return .report(.blocked(reason: blocked.reason))
        case (.open, .connectionUnblocked): return .report(.unblocked)
        default: return .violation(.connection(.commandInvalid, "\(method.id), which is out of turn"))
        }
    }

    private mutating func login(_ start: ConnectionStart) -> Action {
        let mechanisms = String(decoding: start.mechanisms, as: UTF8.self).split(separator: " ")
        guard mechanisms.contains("PLAIN") else {
            let offered = mechanisms.joined(separator: ", ")
            let error = AMQPClientError(
                .connectFailed, "the broker does not take the mechanism PLAIN, only \(offered)")
            return .end(end(error), answer: nil)
        }
        phase = .awaitingTune
        let response = [0] + Array(configuration.user.utf8) + [0] + Array(configuration.password.utf8)
        return .send([
            .connectionStartOk(
                ConnectionStartOk(clientProperties: clientProperties, mechanism: "PLAIN", response: response))
        ])
    }

    private mutating func agree(_ tune: ConnectionTune) -> Action {
        let limits = ConnectionLimits(proposed: tune, configuration: configuration)
        guard limits.frameBytesMax >= Frame.minSize else {
            return .violation(.connection(.notAllowed, "frame-max \(tune.frameMax), the least is \(Frame.minSize)"))
        }
        phase = .awaitingOpenOk(limits)
        let tuneOk = ConnectionTuneOk(
            channelMax: limits.channelMax, frameMax: UInt32(limits.frameBytesMax), heartbeat: limits.heartbeatSeconds)
        let open = ConnectionOpen(virtualHost: configuration.virtualHost)
        return .send([.connectionTuneOk(tuneOk), .connectionOpen(open)])
    }

    private var clientProperties: FieldTable {
        var properties: FieldTable = [
            "product": .string("Harrier client"),
            "platform": .string("Swift"),
            "capabilities": .table([
                "publisher_confirms": .boolean(true),
                "basic.nack": .boolean(true),
                "exchange_exchange_bindings": .boolean(true),
                "consumer_cancel_notify": .boolean(true),
                "connection.blocked": .boolean(true),
                "authentication_failure_close": .boolean(true),
            ]),
        ]
        if let name = configuration.connectionName { properties["connection_name"] = .string(name) }
        for entry in configuration.clientProperties.entries { properties[entry.name] = entry.value }
        return properties
    }
}
