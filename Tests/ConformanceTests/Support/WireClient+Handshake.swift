import AMQPProtocol
import Testing

extension WireClient {
    /// What the clients of RabbitMQ's own libraries say that they can.
    static let capabilities: FieldTable = [
        "publisher_confirms": .boolean(true), "exchange_exchange_bindings": .boolean(true),
        "basic.nack": .boolean(true), "consumer_cancel_notify": .boolean(true),
        "connection.blocked": .boolean(true), "authentication_failure_close": .boolean(true),
    ]

    /// A connection that has everything behind it up to open-ok.
    static func open(
        _ broker: BrokerUnderTest? = .current, capabilities: FieldTable = capabilities, channelMax: UInt16 = 2047,
        frameMax: UInt32 = 131_072, heartbeatSeconds: UInt16 = 0, at location: SourceLocation = #_sourceLocation
    ) async throws -> WireClient {
        let client = try await connect(broker)
        try await client.logIn(capabilities: capabilities, at: location)
        try await client.tune(channelMax: channelMax, frameMax: frameMax, heartbeatSeconds: heartbeatSeconds)
        try await client.openVirtualHost(at: location)
        return client
    }

    /// From the protocol header to connection.start.
    @discardableResult
    func begin(at location: SourceLocation = #_sourceLocation) async throws -> ConnectionStart {
        try await send(Frame.protocolHeader)
        return try await next(ConnectionStart.self, at: location)
    }

    /// From the protocol header to connection.tune.
    @discardableResult
    func logIn(
        capabilities: FieldTable = capabilities, at location: SourceLocation = #_sourceLocation
    ) async throws -> ConnectionTune {
        try await begin(at: location)
        try await startOk(user: broker.user, password: broker.password, capabilities: capabilities)
        return try await next(ConnectionTune.self, at: location)
    }

    func startOk(user: String, password: String, capabilities: FieldTable = capabilities) async throws {
        try await startOk("PLAIN", Array("\0\(user)\0\(password)".utf8), capabilities: capabilities)
    }

    func startOk(_ mechanism: String, _ response: [UInt8], capabilities: FieldTable = capabilities) async throws {
        try await send(
            ConnectionStartOk(
                clientProperties: ["product": .string("conformance tests"), "capabilities": .table(capabilities)],
                mechanism: mechanism, response: response))
    }

    func tune(channelMax: UInt16 = 2047, frameMax: UInt32 = 131_072, heartbeatSeconds: UInt16 = 0) async throws {
        try await send(ConnectionTuneOk(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeatSeconds))
        self.frameMax = Int(frameMax)
    }

    func openVirtualHost(_ name: String? = nil, at location: SourceLocation = #_sourceLocation) async throws {
        try await call(ConnectionOpen(virtualHost: name ?? broker.virtualHost), ConnectionOpenOk.self, at: location)
    }

    func openChannel(
        _ number: UInt16 = 1, at location: SourceLocation = #_sourceLocation
    ) async throws -> WireChannel {
        try await call(ChannelOpen(), on: number, ChannelOpenOk.self, at: location)
        return WireChannel(client: self, number: number)
    }

    /// Ends the connection in order.
    func close(at location: SourceLocation = #_sourceLocation) async throws {
        try await call(ConnectionClose(replyCode: .replySuccess), ConnectionCloseOk.self, at: location)
        try await expectEnd(at: location)
    }

    // MARK: Expectations

    /// connection.close with this code and text, caused by this method, is next; then the socket's end.
    func expectClose(
        _ code: ReplyCode, _ text: ExpectedText, cause: MethodID = .none,
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let close = try await next(ConnectionClose.self, at: location)
        #expect(close.replyCode == code, "\(close.replyText)", sourceLocation: location)
        #expect(text.matches(close.replyText), "\(close.replyText) is not \(text)", sourceLocation: location)
        let named = MethodID(classID: close.classID, methodID: close.methodID)
        #expect(named == cause, "close names \(named) as its cause", sourceLocation: location)
        try await send(ConnectionCloseOk())
        try await expectEnd(at: location)
    }

    /// The server refuses to go on, with connection.close or by closing the socket.
    ///
    /// - Returns: the close, if there was one.
    @discardableResult
    func expectRefusedHandshake(at location: SourceLocation = #_sourceLocation) async throws -> ConnectionClose? {
        do {
            let close = try await next(ConnectionClose.self, at: location)
            try await send(ConnectionCloseOk())
            try await expectEnd(at: location)
            return close
        } catch is Ended {
            return nil
        }
    }

    /// Nothing more comes, and the server closes the socket.
    func expectEnd(at location: SourceLocation = #_sourceLocation) async throws {
        do {
            let frame = try await nextFrame()
            Issue.record("expected the end of the connection, got \(frame)", sourceLocation: location)
        } catch is Ended {}
    }

    /// The connection works: a channel can be opened and closed.
    func expectAlive(at location: SourceLocation = #_sourceLocation) async throws {
        let channel = try await openChannel(999, at: location)
        try await channel.close(at: location)
    }
}
