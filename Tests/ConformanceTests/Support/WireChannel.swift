import AMQPProtocol
import Testing

/// A channel of a `WireClient`: sends methods and contents, and takes what comes.
struct WireChannel {
    let client: WireClient
    let number: UInt16

    var virtualHost: String { client.broker.virtualHost }

    func send(_ method: some AMQPMethod) async throws {
        try await client.send(method, on: number)
    }

    @discardableResult
    func next<Arguments: AMQPMethod>(
        _ type: Arguments.Type, at location: SourceLocation = #_sourceLocation
    ) async throws -> Arguments {
        try await client.next(type, on: number, at: location)
    }

    @discardableResult
    func call<Answer: AMQPMethod>(
        _ request: some AMQPMethod, _ answer: Answer.Type, at location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        try await client.call(request, on: number, answer, at: location)
    }

    func close(at location: SourceLocation = #_sourceLocation) async throws {
        try await call(ChannelClose(replyCode: .replySuccess), ChannelCloseOk.self, at: location)
    }

    // MARK: Often used

    /// Declares a queue of a name that nobody else uses, exclusive unless the test says otherwise.
    func declareQueue(
        _ name: String = unique("queue"), durable: Bool = false, exclusive: Bool = true, autoDelete: Bool = false,
        arguments: FieldTable = [:], at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let declare = QueueDeclare(
            queue: name, durable: durable, exclusive: exclusive, autoDelete: autoDelete, arguments: arguments)
        return try await call(declare, QueueDeclareOk.self, at: location).queue
    }

    func declareExchange(
        _ type: String = "direct", _ name: String = unique("exchange"), durable: Bool = false, autoDelete: Bool = false,
        internal: Bool = false, arguments: FieldTable = [:], at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let declare = ExchangeDeclare(
            exchange: name, type: type, durable: durable, autoDelete: autoDelete, internal: `internal`,
            arguments: arguments)
        try await call(declare, ExchangeDeclareOk.self, at: location)
        return name
    }

    func bind(
        _ queue: String, to exchange: String, _ key: String = "", _ arguments: FieldTable = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await call(
            QueueBind(queue: queue, exchange: exchange, routingKey: key, arguments: arguments), QueueBindOk.self,
            at: location)
    }

    @discardableResult
    func consume(
        _ queue: String, tag: String = "", noAck: Bool = false, exclusive: Bool = false, _ arguments: FieldTable = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let consume = BasicConsume(
            queue: queue, consumerTag: tag, noAck: noAck, exclusive: exclusive, arguments: arguments)
        return try await call(consume, BasicConsumeOk.self, at: location).consumerTag
    }

    func setPrefetch(_ count: UInt16, global: Bool = false, at location: SourceLocation = #_sourceLocation) async throws
    {
        try await call(
            BasicQos(prefetchSize: 0, prefetchCount: count, global: global), BasicQosOk.self, at: location)
    }

    /// How many messages are ready, as a passive declare tells.
    func messageCount(_ queue: String, at location: SourceLocation = #_sourceLocation) async throws -> UInt32 {
        try await call(QueueDeclare(queue: queue, passive: true), QueueDeclareOk.self, at: location).messageCount
    }

    // MARK: Contents

    func publish(
        _ body: [UInt8], to exchange: String = "", key: String, _ properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false, immediate: Bool = false
    ) async throws {
        var propertyBytes = WireBuffer()
        properties.encode(into: &propertyBytes)
        let publish = BasicPublish(exchange: exchange, routingKey: key, mandatory: mandatory, immediate: immediate)
        try await client.send(
            frames { buffer in
                buffer.appendMethodFrame(channel: number, publish)
                buffer.appendContentHeader(
                    channel: number, bodySize: UInt64(body.count), properties: propertyBytes.bytes)
                body.withUnsafeBytes { buffer.appendBody(channel: number, $0, frameMax: client.frameMax) }
            })
    }

    func publish(
        _ text: String, to exchange: String = "", key: String, _ properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false, immediate: Bool = false
    ) async throws {
        try await publish(
            Array(text.utf8), to: exchange, key: key, properties, mandatory: mandatory, immediate: immediate)
    }

    /// Selects confirms, publishes, and waits until the broker has taken it.
    func publishConfirmed(
        _ texts: [String], to exchange: String = "", key: String, _ properties: BasicProperties = BasicProperties()
    ) async throws {
        try await call(ConfirmSelect(), ConfirmSelectOk.self)
        for text in texts { try await publish(text, to: exchange, key: key, properties) }
        try await awaitConfirms(through: UInt64(texts.count))
    }

    /// Waits for the acks of all publishes up to that number, which come in any grouping.
    func awaitConfirms(
        from first: UInt64 = 1, through last: UInt64, at location: SourceLocation = #_sourceLocation
    ) async throws {
        var missing = Set(first...last)
        while !missing.isEmpty {
            let ack = try await next(BasicAck.self, at: location)
            if ack.multiple {
                missing = missing.filter { $0 > ack.deliveryTag }
            } else {
                #expect(missing.remove(ack.deliveryTag) != nil, "\(ack)", sourceLocation: location)
            }
        }
    }

    /// The content header and the body frames behind a method.
    func nextContent(at location: SourceLocation = #_sourceLocation) async throws -> Content {
        let header = try await client.nextFrame()
        try #require(
            header.type == .header && header.channel == number, "expected a content header, got \(header)",
            sourceLocation: location)
        let bodySize = Int(header.payload[4..<12].reduce(0) { $0 << 8 | UInt64($1) })
        #expect(header.payload[0..<4] == [0, 60, 0, 0], "class 60, weight 0", sourceLocation: location)
        var content = Content(propertyBytes: Array(header.payload[12...]))
        while content.body.count < bodySize {
            let frame = try await client.nextFrame()
            try #require(
                frame.type == .body && frame.channel == number, "expected a body, got \(frame)",
                sourceLocation: location)
            content.body += frame.payload
            content.bodyFrameCount += 1
        }
        return content
    }

    func nextDelivery(at location: SourceLocation = #_sourceLocation) async throws -> Received<BasicDeliver> {
        let method = try await next(BasicDeliver.self, at: location)
        return Received(method: method, content: try await nextContent(at: location))
    }

    func nextReturn(at location: SourceLocation = #_sourceLocation) async throws -> Received<BasicReturn> {
        let method = try await next(BasicReturn.self, at: location)
        return Received(method: method, content: try await nextContent(at: location))
    }

    /// basic.get; `nil` for get-empty.
    func get(
        _ queue: String, noAck: Bool = true, at location: SourceLocation = #_sourceLocation
    ) async throws -> Received<BasicGetOk>? {
        try await send(BasicGet(queue: queue, noAck: noAck))
        let frame = try await client.nextFrame()
        if frame.method?.arguments(as: BasicGetEmpty.self) != nil { return nil }
        let method = try #require(
            frame.method?.arguments(as: BasicGetOk.self), "expected get-ok, got \(frame)", sourceLocation: location)
        return Received(method: method, content: try await nextContent(at: location))
    }

    /// A message that must be there.
    func getMessage(
        _ queue: String, noAck: Bool = true, at location: SourceLocation = #_sourceLocation
    ) async throws -> Received<BasicGetOk> {
        try #require(await get(queue, noAck: noAck, at: location), "the queue is empty", sourceLocation: location)
    }

    // MARK: Expectations

    /// channel.close with this code and text, caused by this method, is next. The connection goes on, and the number
    /// can be opened again; it is open when this returns.
    func expectClose(
        _ code: ReplyCode, _ text: ExpectedText, cause: MethodID, at location: SourceLocation = #_sourceLocation
    ) async throws {
        let close = try await next(ChannelClose.self, at: location)
        #expect(close.replyCode == code, "\(close.replyText)", sourceLocation: location)
        #expect(text.matches(close.replyText), "\(close.replyText) is not \(text)", sourceLocation: location)
        let named = MethodID(classID: close.classID, methodID: close.methodID)
        #expect(named == cause, "close names \(named) as its cause", sourceLocation: location)
        try await send(ChannelCloseOk())
        try await call(ChannelOpen(), ChannelOpenOk.self, at: location)
    }

    /// Sends the method and expects the channel to be closed for it.
    func expectRefusal<Request: AMQPMethod>(
        _ request: Request, _ code: ReplyCode, _ text: ExpectedText, at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await send(request)
        try await expectClose(code, text, cause: Request.id, at: location)
    }

    /// Nothing has come on the connection: the answer to a harmless request is the next frame.
    func expectQuiet(at location: SourceLocation = #_sourceLocation) async throws {
        try await call(BasicCancel(consumerTag: "nobody"), BasicCancelOk.self, at: location)
    }
}
