import AMQPProtocol
import Broker
import Logging

extension ServerConnection {
    func receiveProtocolHeader(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.elementsEqual(Frame.protocolHeader) else {
            logger.warning("not an AMQP 0-9-1 protocol header", metadata: ["bytes": "\(Array(bytes))"])
            output.appendProtocolHeader()
            closeSocket()
            return
        }
        let mechanisms = SASLMechanism.offered(to: peer).map(\.rawValue).joined(separator: " ")
        send(
            ConnectionStart(
                serverProperties: ServerProperties.table, mechanisms: Array(mechanisms.utf8),
                locales: Array("en_US".utf8)),
            on: 0)
        phase = .awaitingStartOk
    }

    /// A method on channel 0.
    func receiveConnectionMethod(_ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        let method = try decode(payload)
        switch (phase, method) {
        case (.awaitingStartOk, .connectionStartOk(let startOk)): try authenticate(startOk)
        case (.awaitingTuneOk, .connectionTuneOk(let tuneOk)): try negotiate(tuneOk)
        case (.awaitingOpen, .connectionOpen(let open)): try openVirtualHost(open.virtualHost)
        case (_, .connectionClose):
            send(ConnectionCloseOk(), on: 0)
            closeSocket()
        case (.open, .connectionUpdateSecret):
            // Internal users' credentials do not expire: accepted without effect, as RabbitMQ does for them.
            send(ConnectionUpdateSecretOk(), on: 0)
        case (.open, .connectionBlocked), (.open, .connectionUnblocked), (.open, .connectionCloseOk): break
        case (.open, _) where method.id.classID == MethodID.connectionStart.classID:
            throw .connection(.commandInvalid, "unexpected method \(method.id) in connection state running")
        case (.open, _):
            throw .connection(.channelError, "unexpected method in connection state running")
        default:
            throw .connection(.commandInvalid, "unexpected method \(method.id) during the handshake")
        }
    }

    /// - Throws: 501, 502, 503 for a payload that is not a method.
    func decode(_ payload: UnsafeRawBufferPointer) throws(AMQPException) -> Method {
        currentMethod = MethodID(peeking: payload) ?? .none
        do {
            return try Method(decoding: payload)
        } catch {
            throw AMQPException(malformed: error)
        }
    }

    // MARK: Authentication

    private func authenticate(_ startOk: ConnectionStartOk) throws(AMQPException) {
        clientProperties = startOk.clientProperties
        capabilities = ClientCapabilities(clientProperties: startOk.clientProperties)
        guard let mechanism = SASLMechanism(rawValue: startOk.mechanism),
            SASLMechanism.offered(to: peer).contains(mechanism)
        else {
            throw .connection(.commandInvalid, "unknown authentication mechanism '\(startOk.mechanism)'")
        }
        guard let credentials = mechanism.credentials(from: startOk.response, peer: peer) else {
            refuseLogin(mechanism, user: nil, reason: "garbled response")
            return
        }
        switch credentials {
        case .password(let name, let password):
            do {
                user = try core.access.authenticate(user: name, password: password, isLoopback: peer.isLoopback)
            } catch {
                refuseLogin(mechanism, user: name, reason: "\(error)")
                return
            }
        case .certificate(let name):
            do {
                user = try core.access.authenticate(certificateName: name, isLoopback: peer.isLoopback)
            } catch {
                refuseLogin(mechanism, user: name, reason: "\(error)")
                return
            }
        }
        send(
            ConnectionTune(
                channelMax: core.configuration.channelMax, frameMax: core.configuration.frameMax,
                heartbeat: core.configuration.heartbeatSeconds),
            on: 0)
        phase = .awaitingTuneOk
    }

    /// The client learns only that it was refused; the log says why.
    private func refuseLogin(_ mechanism: SASLMechanism, user: String?, reason: String) {
        logger.warning(
            "login refused",
            metadata: ["mechanism": "\(mechanism.rawValue)", "user": "\(user ?? "-")", "reason": "\(reason)"])
        let exception = AMQPException.connection(
            .accessRefused,
            "Login was refused using authentication mechanism \(mechanism.rawValue). "
                + "For details see the broker logfile.")
        if capabilities.authenticationFailureClose {
            close(exception, causedBy: .none)
        } else {
            awaitEnd()
        }
    }

    // MARK: Tuning

    private func negotiate(_ tuneOk: ConnectionTuneOk) throws(AMQPException) {
        let configuration = core.configuration
        try checkNegotiated(
            "frame_max", UInt32(tuneOk.frameMax), min: UInt32(Frame.minSize), server: configuration.frameMax)
        try checkNegotiated(
            "channel_max", UInt32(tuneOk.channelMax), min: 1, server: UInt32(configuration.channelMax))
        frameBytesMax = tuneOk.frameMax == 0 ? Int(UInt32.max) : Int(tuneOk.frameMax)
        channelMax = tuneOk.channelMax
        heartbeatSeconds = tuneOk.heartbeat
        phase = .awaitingOpen
        scheduleHeartbeat()
    }

    /// 0 means no limit, which is too much where the server has one.
    private func checkNegotiated(
        _ name: String, _ value: UInt32, min: UInt32, server: UInt32
    ) throws(AMQPException) {
        if value != 0, value < min {
            throw .connection(
                .notAllowed, "negotiated \(name) = \(value) is lower than the minimum allowed value (\(min))")
        }
        if server != 0, value == 0 || value > server {
            let text = value == 0 ? "0 (no limit)" : "\(value)"
            throw .connection(
                .notAllowed, "negotiated \(name) = \(text) is higher than the maximum allowed value (\(server))")
        }
    }

    private func openVirtualHost(_ name: String) throws(AMQPException) {
        guard let user else { preconditionFailure("no user after authentication") }
        session = try Session(user: user, virtualHost: name, core: core)
        phase = .open
        send(ConnectionOpenOk(), on: 0)
        logger[metadataKey: "user"] = "\(user.name)"
        logger[metadataKey: "vhost"] = "\(name)"
        // The peer stands in every line of the connection's.
        logger.info("connection opened")
        isOpenInLog = true
    }
}
