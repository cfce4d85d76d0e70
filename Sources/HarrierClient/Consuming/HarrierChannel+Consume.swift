import AMQPProtocol

extension HarrierChannel {
    /// Starts a consumer (basic.consume). Its messages come through the answer.
    ///
    /// - Parameters:
    ///   - queue: Empty means the one last declared on this channel.
    ///   - acknowledgement: `manual` wants ``acknowledge(_:multiple:)`` or ``reject(_:requeue:)`` for each message.
    ///   - prefetch: How many messages may be under way to this consumer, or with it, and not acknowledged; 0 sets no
    ///     limit. Unless given, what ``setPrefetch(_:wholeChannel:)`` said, or else 250. Without meaning where
    ///     deliveries are acknowledged automatically: there the connection's `receiveBufferBytesMax` is the only limit.
    ///   - consumerTag: Its name on this channel; empty lets the broker make one up.
    ///   - exclusive: No other consumer on the queue.
    ///   - arguments: Settings such as `x-priority`.
    public func consume(
        _ queue: String, acknowledgement: AcknowledgementMode = .manual, prefetch: UInt16? = nil,
        consumerTag: String = "", exclusive: Bool = false, arguments: FieldTable = [:]
    ) async throws(AMQPClientError) -> Deliveries {
        try ArgumentCheck.name(queue, "queue")
        try ArgumentCheck.name(consumerTag, "consumer tag")
        try ArgumentCheck.table(arguments)
        let method = BasicConsume(
            queue: queue, consumerTag: consumerTag, noAck: acknowledgement == .automatic, exclusive: exclusive,
            arguments: arguments)
        let id = id
        let buffer = DeliveryBuffer(acknowledgement: acknowledgement, gate: core.gate)
        do {
            let reply = try await core.wait(on: id) { state, call throws(AMQPClientError) in
                try state.consume(id, method, prefetch: prefetch, buffer, call: call)
            }
            guard case .method(.basicConsumeOk(let started)) = reply else { unanswered() }
            return Deliveries(channel: self, consumerTag: started.consumerTag, buffer: buffer)
        } catch {
            // The consumer may come to be all the same, if this task was cancelled; it will find that nobody listens.
            _ = buffer.abandon()
            throw error
        }
    }

    /// Ends a consumer of this channel (basic.cancel). Its deliveries that have been received are still handed out.
    /// Ending one that is not there is no error.
    public func cancelConsumer(_ consumerTag: String) async throws(AMQPClientError) {
        try ArgumentCheck.name(consumerTag, "consumer tag")
        let id = id
        _ = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.request(
                id, .basicCancel(BasicCancel(consumerTag: consumerTag)), call: call,
                effect: .endConsumer(tag: consumerTag))
        }
    }

    /// Fetches one message from a queue (basic.get); `nil` if it has none ready. For more than a few messages a consumer
    /// is faster by far.
    public func get(
        from queue: String, acknowledgement: AcknowledgementMode = .manual
    ) async throws(AMQPClientError) -> Delivery? {
        try ArgumentCheck.name(queue, "queue")
        let id = id
        let method = Method.basicGet(BasicGet(queue: queue, noAck: acknowledgement == .automatic))
        let reply = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.request(id, method, call: call, effect: .fetch(acknowledgement))
        }
        guard case .message(let delivery) = reply else { return nil }
        return delivery
    }

    /// Limits how many messages may be delivered and not acknowledged (basic.qos); 0 sets no limit.
    ///
    /// - Parameter wholeChannel: Counts for all consumers of the channel together, instead of for each that is started
    ///   from now on (RabbitMQ's reading of `global`).
    public func setPrefetch(_ count: UInt16, wholeChannel: Bool = false) async throws(AMQPClientError) {
        _ = try await request(.basicQos(BasicQos(prefetchCount: count, global: wholeChannel)))
    }

    /// Has the broker deliver anew, to any consumer, all that this channel has not acknowledged (basic.recover).
    public func recover() async throws(AMQPClientError) {
        _ = try await request(.basicRecover(BasicRecover(requeue: true)))
    }
}

// MARK: - Settling

// These are sent and not answered: an unknown or settled tag has the broker close the channel (406), which the next use
// of the channel shows.

extension HarrierChannel {
    /// Says that a delivery is done (basic.ack), so that the broker forgets it.
    ///
    /// - Parameter multiple: And all before it on this channel that are not settled.
    public func acknowledge(_ delivery: Delivery, multiple: Bool = false) throws(AMQPClientError) {
        try acknowledge(tag: delivery.deliveryTag, multiple: multiple)
    }

    /// Says that a delivery is done (basic.ack). Tag 0 with `multiple` means all so far.
    public func acknowledge(tag: UInt64, multiple: Bool = false) throws(AMQPClientError) {
        try send(.basicAck(BasicAck(deliveryTag: tag, multiple: multiple)))
    }

    /// Refuses a delivery (basic.reject).
    ///
    /// - Parameter requeue: Puts it back into its queue; otherwise it is dead-lettered, or dropped where the queue has
    ///   no dead-letter exchange.
    public func reject(_ delivery: Delivery, requeue: Bool) throws(AMQPClientError) {
        try send(.basicReject(BasicReject(deliveryTag: delivery.deliveryTag, requeue: requeue)))
    }

    /// Refuses a delivery and, if `multiple`, all before it on this channel that are not settled (basic.nack, RabbitMQ's
    /// extension).
    public func reject(_ delivery: Delivery, multiple: Bool, requeue: Bool) throws(AMQPClientError) {
        try reject(tag: delivery.deliveryTag, multiple: multiple, requeue: requeue)
    }

    /// Refuses deliveries by tag (basic.nack). Tag 0 with `multiple` means all so far.
    public func reject(tag: UInt64, multiple: Bool = false, requeue: Bool) throws(AMQPClientError) {
        try send(.basicNack(BasicNack(deliveryTag: tag, multiple: multiple, requeue: requeue)))
    }
}
