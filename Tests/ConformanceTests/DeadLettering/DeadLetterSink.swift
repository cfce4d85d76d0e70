import AMQPProtocol
import Testing

extension Conformance {
    /// What becomes of messages that their queue does not want, rule by rule.
    @Suite enum DeadLettering {}
}

/// Where dead letters go: an exchange, and a queue at it with a consumer on a connection of its own, so that they can be
/// awaited whatever else the test does.
struct DeadLetterSink {
    let exchange: String
    let queue: String
    private let channel: WireChannel

    /// - Parameter exchange: an exchange that is there already, instead of one of its own.
    static func open(
        _ type: String = "fanout", at exchange: String? = nil, keys: [String] = [""],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> DeadLetterSink {
        let channel = try await WireClient.open(at: location).openChannel(at: location)
        let name = if let exchange { exchange } else { try await channel.declareExchange(type, at: location) }
        let sink = DeadLetterSink(
            exchange: name, queue: try await channel.declareQueue(at: location), channel: channel)
        for key in keys { try await channel.bind(sink.queue, to: name, key, at: location) }
        try await channel.consume(sink.queue, noAck: true, at: location)
        return sink
    }

    /// What a queue is declared with to have its dead letters come here.
    func arguments(_ further: FieldTable = [:]) -> FieldTable {
        (["x-dead-letter-exchange": .string(exchange)] as FieldTable).adding(further)
    }

    /// One more binding to the exchange.
    func bind(
        _ key: String = "", _ arguments: FieldTable = [:], at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await channel.bind(queue, to: exchange, key, arguments, at: location)
    }

    /// The next dead letter, whenever it comes.
    func next(at location: SourceLocation = #_sourceLocation) async throws -> Received<BasicDeliver> {
        try await channel.nextDelivery(at: location)
    }

    /// No dead letter has come: a marker that is sent now, past the exchange, is next.
    func expectNothing(at location: SourceLocation = #_sourceLocation) async throws {
        try await channel.publish("marker", key: queue)
        let delivery = try await next(at: location)
        #expect(delivery.text == "marker", "a dead letter that should not be", sourceLocation: location)
    }
}

extension WireClient {
    /// Ends the connection in order. Unlike `close` it does not wait for the server to close the socket: RabbitMQ 3.10
    /// leaves that to the client for half a minute.
    func leave(at location: SourceLocation = #_sourceLocation) async throws {
        try await call(ConnectionClose(replyCode: .replySuccess), ConnectionCloseOk.self, at: location)
        try await drop()
    }
}

/// The types of queue that have dead letters.
enum QueueKind: String, CaseIterable, CustomTestStringConvertible {
    case classic, quorum

    var testDescription: String { rawValue }
}

extension WireChannel {
    /// A queue of that type, which belongs to the connection if it can.
    func declareQueue(
        _ kind: QueueKind, _ name: String = unique("queue"), arguments: FieldTable = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        switch kind {
        case .classic: try await declareQueue(name, arguments: arguments, at: location)
        case .quorum:
            try await declareQueue(
                name, durable: true, exclusive: false,
                arguments: arguments.adding(["x-queue-type": .string("quorum")]), at: location)
        }
    }

    /// The next message of a queue, whenever it is there, unacknowledged. Unlike basic.get it waits for it.
    func take(
        _ queue: String, at location: SourceLocation = #_sourceLocation
    ) async throws -> Received<BasicDeliver> {
        // One that is out is all that a consumer gets, so that nothing comes between its cancel and the answer.
        try await setPrefetch(1, at: location)
        let tag = try await consume(queue, at: location)
        let delivery = try await nextDelivery(at: location)
        try await call(BasicCancel(consumerTag: tag), BasicCancelOk.self, at: location)
        return delivery
    }

    /// Takes the next message and makes a dead letter of it.
    @discardableResult
    func rejectNext(
        of queue: String, at location: SourceLocation = #_sourceLocation
    ) async throws -> Received<BasicDeliver> {
        let delivery = try await take(queue, at: location)
        try await send(BasicReject(deliveryTag: delivery.method.deliveryTag, requeue: false))
        return delivery
    }

    /// A queue that the test has no use for any more.
    func delete(_ queues: String..., at location: SourceLocation = #_sourceLocation) async throws {
        for queue in queues { try await call(QueueDelete(queue: queue), QueueDeleteOk.self, at: location) }
    }

    /// The exchange is no longer there. Unlike a queue, it does not live on because somebody asks.
    func expectGone(exchange: String, at location: SourceLocation = #_sourceLocation) async throws {
        while true {
            try await send(ExchangeDeclare(exchange: exchange, type: "", passive: true))
            let frame = try await client.nextFrame()
            if frame.method?.arguments(as: ExchangeDeclareOk.self) != nil { continue }
            let close = try #require(
                frame.method?.arguments(as: ChannelClose.self), "\(frame)", sourceLocation: location)
            #expect(close.replyCode == .notFound, "\(close.replyText)", sourceLocation: location)
            try await send(ChannelCloseOk())
            try await call(ChannelOpen(), ChannelOpenOk.self, at: location)
            return
        }
    }
}

extension Received {
    var headers: FieldTable {
        get throws { try properties.headers ?? [:] }
    }

    /// The entries of `x-death`, newest first.
    var deaths: [FieldTable] {
        get throws { try headers["x-death"]?.arrayValue?.map { try #require($0.tableValue) } ?? [] }
    }

    /// The newest entry of `x-death`.
    var lastDeath: FieldTable {
        get throws { try #require(try deaths.first, "a message without x-death") }
    }

    var deathReason: String? {
        get throws { try lastDeath["reason"]?.stringValue }
    }
}

extension FieldTable {
    /// This table with the entries of another, which win.
    func adding(_ further: FieldTable) -> FieldTable {
        var all = self
        for entry in further.entries { all[entry.name] = entry.value }
        return all
    }
}
