import AMQPProtocol

// Every one of these throws ``AMQPClientError``. What the broker refuses closes the channel: the error has the code
// `channelClosedByServer` and the broker's reply code and text.

extension HarrierChannel {
    /// Makes sure that there is a queue of that name with these properties (queue.declare).
    ///
    /// - Parameters:
    ///   - name: At most 255 bytes. Empty lets the broker make one up, which the answer holds.
    ///   - durable: Whether the queue, and persistent messages in it, survive a restart of the broker.
    ///   - exclusive: For this connection alone, and deleted with it.
    ///   - autoDelete: Deleted with its last consumer.
    ///   - arguments: Settings such as `x-message-ttl` or `x-dead-letter-exchange`.
    @discardableResult
    public func declareQueue(
        _ name: String = "", durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: FieldTable = [:]
    ) async throws(AMQPClientError) -> DeclaredQueue {
        try await declare(
            QueueDeclare(
                queue: name, durable: durable, exclusive: exclusive, autoDelete: autoDelete, arguments: arguments))
    }

    /// Asks for a queue without creating it (queue.declare, passive). Reply code 404 says that there is none.
    public func checkQueue(_ name: String) async throws(AMQPClientError) -> DeclaredQueue {
        try await declare(QueueDeclare(queue: name, passive: true))
    }

    private func declare(_ method: QueueDeclare) async throws(AMQPClientError) -> DeclaredQueue {
        try ArgumentCheck.name(method.queue, "queue")
        try ArgumentCheck.table(method.arguments)
        guard case .queueDeclareOk(let declared) = try await request(.queueDeclare(method)) else { unanswered() }
        return DeclaredQueue(
            name: declared.queue, messageCount: Int(declared.messageCount), consumerCount: Int(declared.consumerCount))
    }

    /// Deletes a queue with its messages, consumers and bindings. Deleting one that is not there is no error.
    ///
    /// - Parameters:
    ///   - ifUnused: Only if it has no consumers; otherwise the broker closes the channel with reply code 406.
    ///   - ifEmpty: Only if it has no messages; otherwise likewise.
    /// - Returns: How many messages it held.
    @discardableResult
    public func deleteQueue(
        _ name: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws(AMQPClientError) -> Int {
        try ArgumentCheck.name(name, "queue")
        let method = QueueDelete(queue: name, ifUnused: ifUnused, ifEmpty: ifEmpty)
        guard case .queueDeleteOk(let deleted) = try await request(.queueDelete(method)) else { unanswered() }
        return Int(deleted.messageCount)
    }

    /// Drops the ready messages of a queue, and says how many there were.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(AMQPClientError) -> Int {
        try ArgumentCheck.name(name, "queue")
        guard case .queuePurgeOk(let purged) = try await request(.queuePurge(QueuePurge(queue: name))) else {
            unanswered()
        }
        return Int(purged.messageCount)
    }

    /// Has the exchange send messages to the queue: those whose routing key, or headers, fit.
    ///
    /// - Parameters:
    ///   - queue: Empty means the one last declared on this channel.
    ///   - arguments: What a headers exchange compares with.
    public func bindQueue(
        _ queue: String, to exchange: String, routingKey: String = "", arguments: FieldTable = [:]
    ) async throws(AMQPClientError) {
        try ArgumentCheck.binding(queue, exchange, routingKey, arguments)
        let method = QueueBind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        _ = try await request(.queueBind(method))
    }

    /// Removes the binding that was made with the same arguments. Removing one that is not there is no error.
    public func unbindQueue(
        _ queue: String, from exchange: String, routingKey: String = "", arguments: FieldTable = [:]
    ) async throws(AMQPClientError) {
        try ArgumentCheck.binding(queue, exchange, routingKey, arguments)
        let method = QueueUnbind(queue: queue, exchange: exchange, routingKey: routingKey, arguments: arguments)
        _ = try await request(.queueUnbind(method))
    }

    /// The channel has checked that the answer is one to the request.
    func unanswered() -> Never {
        preconditionFailure("a request was completed by the answer to another")
    }
}
