import AMQPProtocol
import NIOCore

// These stay on the caller's executor, as the frames are encoded where the caller is: from an actor, or from the main
// thread, each message would else cost two thread switches.

extension HarrierChannel {
    /// Publishes a message and does not wait for the broker: whether it arrives is not known. Waits only when more than
    /// `sendBufferBytesMax` is to be sent, or the confirm window is full. For messages that must not get lost there is
    /// ``publishConfirmed(_:to:routingKey:properties:mandatory:)-(ByteBuffer,_,_,_,_)``.
    ///
    /// - Parameters:
    ///   - exchange: The default exchange, which takes the routing key for a queue's name, unless given. Publishing to
    ///     one that does not exist closes the channel.
    ///   - properties: ``BasicProperties/persistent`` for a message that is to survive a restart of the broker.
    ///   - mandatory: Has the broker return the message if it reaches no queue, to what ``HarrierConnection/openChannel(confirmWindow:onReturn:)``
    ///     was given.
    /// - Throws: ``AMQPClientError`` if it was not sent: the channel is over, or the message cannot be encoded.
    public nonisolated(nonsending) func publish(
        _ body: ByteBuffer, to exchange: String = "", routingKey: String,
        properties: BasicProperties = BasicProperties(), mandatory: Bool = false
    ) async throws(AMQPClientError) {
        let id = id
        let message = try OutboundMessage(
            body, exchange: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
        let isSent = try core.perform { state throws(AMQPClientError) in
            try state.publishNow(id, message, call: nil)
        }
        guard !isSent else { return }
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.publish(id, QueuedPublish(message: message, call: call, awaitsConfirm: false))
        }
    }

    /// Publishes a message and returns when the broker has taken charge of it: for a persistent message in a durable
    /// queue, when it is on disk.
    ///
    /// The first such call puts the channel into confirm mode. Any number of tasks may publish at a time; up to the
    /// channel's window their messages are under way together, beyond it they wait. For many messages from one task,
    /// in order, use `publish` and then ``waitForConfirms()``.
    ///
    /// A cancelled task stops waiting (code `cancelled`); whether the message was published is then not known, as it is
    /// not when the connection is lost.
    ///
    /// - Parameters:
    ///   - exchange: The default exchange, which takes the routing key for a queue's name, unless given.
    ///   - properties: ``BasicProperties/persistent`` for a message that is to survive a restart of the broker.
    ///   - mandatory: Whether it is a failure if the message reaches no queue. If not, the broker drops such a message,
    ///     and confirms it.
    /// - Throws: ``AMQPClientError`` with the code `publishReturned` for a message that reached no queue,
    ///   `publishRefused` if the broker does not take it, or that of the end of the channel or the connection.
    public nonisolated(nonsending) func publishConfirmed(
        _ body: ByteBuffer, to exchange: String = "", routingKey: String,
        properties: BasicProperties = BasicProperties(), mandatory: Bool = true
    ) async throws(AMQPClientError) {
        let id = id
        let message = try OutboundMessage(
            body, exchange: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.publish(id, QueuedPublish(message: message, call: call, awaitsConfirm: true))
        }
    }

    /// The same for any bytes, for example `"text".utf8`.
    public nonisolated(nonsending) func publish(
        _ body: some Collection<UInt8>, to exchange: String = "", routingKey: String,
        properties: BasicProperties = BasicProperties(), mandatory: Bool = false
    ) async throws(AMQPClientError) {
        try await publish(
            ByteBuffer(bytes: body), to: exchange, routingKey: routingKey, properties: properties,
            mandatory: mandatory)
    }

    /// The same for any bytes, for example `"text".utf8`.
    public nonisolated(nonsending) func publishConfirmed(
        _ body: some Collection<UInt8>, to exchange: String = "", routingKey: String,
        properties: BasicProperties = BasicProperties(), mandatory: Bool = true
    ) async throws(AMQPClientError) {
        try await publishConfirmed(
            ByteBuffer(bytes: body), to: exchange, routingKey: routingKey, properties: properties,
            mandatory: mandatory)
    }

    /// Puts the channel into confirm mode (confirm.select), in which the broker answers each publish. It stays so. Need
    /// only be called before a `publish` that ``waitForConfirms()`` is to wait for.
    public nonisolated(nonsending) func enableConfirms() async throws(AMQPClientError) {
        let id = id
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.startConfirming(id, call: call)
        }
    }

    /// Waits until the broker has answered all that has been published on the channel so far.
    ///
    /// - Throws: ``AMQPClientError`` for the messages sent by `publish` that were refused or returned since the last such
    ///   wait (the first of them, and ``AMQPClientError/failedPublishCount``), or that of the end of the channel.
    ///   Messages with a caller of their own are left to it.
    public nonisolated(nonsending) func waitForConfirms() async throws(AMQPClientError) {
        let id = id
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.waitForConfirms(id, call)
        }
    }
}

extension OutboundMessage {
    fileprivate init(
        _ body: ByteBuffer, exchange: String, routingKey: String, properties: BasicProperties, mandatory: Bool
    ) throws(AMQPClientError) {
        try ArgumentCheck.name(exchange, "exchange")
        try ArgumentCheck.name(routingKey, "routing key")
        try ArgumentCheck.properties(properties)
        self.init(
            publish: BasicPublish(exchange: exchange, routingKey: routingKey, mandatory: mandatory),
            properties: properties, body: body)
    }
}

extension BasicProperties {
    /// Only that the message is to survive a restart of the broker (delivery mode 2).
    public static var persistent: BasicProperties { BasicProperties(deliveryMode: 2) }
}
