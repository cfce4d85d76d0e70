import AMQPProtocol

// Every one of these throws ``AMQPClientError``. What the broker refuses closes the channel: the error has the code
// `channelClosedByServer` and the broker's reply code and text.

extension HarrierChannel {
    /// Makes sure that there is an exchange of that name with these properties (exchange.declare).
    ///
    /// - Parameters:
    ///   - durable: Whether it survives a restart of the broker.
    ///   - autoDelete: Deleted when nothing is bound to it any more.
    ///   - internal: Takes messages from other exchanges only, not from publishers.
    ///   - arguments: Settings such as `alternate-exchange`.
    public func declareExchange(
        _ name: String, type: ExchangeType = .direct, durable: Bool = true, autoDelete: Bool = false,
        internal: Bool = false, arguments: FieldTable = [:]
    ) async throws(AMQPClientError) {
        try ArgumentCheck.name(name, "exchange")
        try ArgumentCheck.name(type.rawValue, "exchange type")
        try ArgumentCheck.table(arguments)
        let method = ExchangeDeclare(
            exchange: name, type: type.rawValue, durable: durable, autoDelete: autoDelete, internal: `internal`,
            arguments: arguments)
        _ = try await request(.exchangeDeclare(method))
    }

    /// Asks for an exchange without creating it (exchange.declare, passive). Reply code 404 says that there is none.
    public func checkExchange(_ name: String) async throws(AMQPClientError) {
        try ArgumentCheck.name(name, "exchange")
        _ = try await request(.exchangeDeclare(ExchangeDeclare(exchange: name, passive: true)))
    }

    /// Deletes an exchange with its bindings. Deleting one that is not there is no error.
    ///
    /// - Parameter ifUnused: Only if nothing is bound to it; otherwise the broker closes the channel with reply code 406.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(AMQPClientError) {
        try ArgumentCheck.name(name, "exchange")
        _ = try await request(.exchangeDelete(ExchangeDelete(exchange: name, ifUnused: ifUnused)))
    }

    /// Has the exchange `source` send messages to the exchange `destination` too (RabbitMQ's extension).
    public func bindExchange(
        _ destination: String, to source: String, routingKey: String = "", arguments: FieldTable = [:]
    ) async throws(AMQPClientError) {
        try ArgumentCheck.binding(destination, source, routingKey, arguments)
        let method = ExchangeBind(
            destination: destination, source: source, routingKey: routingKey, arguments: arguments)
        _ = try await request(.exchangeBind(method))
    }

    /// Removes the binding that was made with the same arguments. Removing one that is not there is no error.
    public func unbindExchange(
        _ destination: String, from source: String, routingKey: String = "", arguments: FieldTable = [:]
    ) async throws(AMQPClientError) {
        try ArgumentCheck.binding(destination, source, routingKey, arguments)
        let method = ExchangeUnbind(
            destination: destination, source: source, routingKey: routingKey, arguments: arguments)
        _ = try await request(.exchangeUnbind(method))
    }
}
