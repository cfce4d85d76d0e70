import AMQPProtocol
import Broker

extension ServerChannel {
    func setPrefetch(_ method: BasicQos) throws(AMQPException) {
        guard method.prefetchSize == 0 else {
            throw .connection(.notImplemented, "prefetch_size!=0 (\(method.prefetchSize))")
        }
        if method.global {
            channelPrefetchCount = Int(method.prefetchCount)
            resumeLimitedConsumers()
        } else {
            consumerPrefetchCount = Int(method.prefetchCount)
        }
        reply(BasicQosOk())
    }

    func consume(_ method: BasicConsume) throws(AMQPException) {
        if method.queue.hasSameBytes(as: ReplyConsumer.queueName) { return try consumeReplies(method) }
        let name = try resolveQueueName(method.queue)
        try session.require(.read, .queue, name)
        let tag = try newConsumerTag(method.consumerTag)
        let queue = try usableQueue(name)
        let arguments = try ConsumerArguments(method.arguments, queue: queue)
        try core.acceptUnknown(arguments.unknown, of: "consumer '\(tag)' of \(queue.resourceName.text)")
        core.runQueues()
        let consumer = Consumer(
            tag: tag,
            queue: queue,
            channel: self,
            isAutoAcknowledging: method.noAck,
            isExclusive: method.exclusive,
            priority: arguments.priority,
            timeoutMilliseconds: arguments.timeoutMilliseconds,
            prefetchCount: method.noAck ? 0 : consumerPrefetchCount,
            arguments: method.arguments
        )
        try virtualHost.subscribe(consumer)
        consumers[WireName(tag)] = consumer
        if !method.noWait { reply(BasicConsumeOk(consumerTag: tag)) }
    }

    private func newConsumerTag(_ wanted: String) throws(AMQPException) -> String {
        guard !wanted.isEmpty else { return makeConsumerTag() }
        guard consumers[WireName(wanted)] == nil, replyConsumer?.tag.hasSameBytes(as: wanted) != true else {
            throw .connection(.notAllowed, "attempt to reuse consumer tag '\(wanted)'")
        }
        return wanted
    }

    private func consumeReplies(_ method: BasicConsume) throws(AMQPException) {
        guard replyConsumer == nil else {
            throw .channel(.preconditionFailed, "reply consumer already set")
        }
        guard method.noAck else {
            throw .channel(.preconditionFailed, "reply consumer cannot acknowledge")
        }
        let tag = try newConsumerTag(method.consumerTag)
        replyConsumer = ReplyConsumer(tag: tag, token: core.registerReplyChannel(self))
        if !method.noWait { reply(BasicConsumeOk(consumerTag: tag)) }
    }

    /// An unknown tag is answered all the same, as RabbitMQ does. What the consumer holds stays unacknowledged.
    func cancel(_ method: BasicCancel) {
        if let consumer = consumers.removeValue(forKey: WireName(method.consumerTag)) {
            consumer.queue.remove(consumer)
        } else if let replyConsumer, replyConsumer.tag.hasSameBytes(as: method.consumerTag) {
            core.unregisterReplyChannel(replyConsumer.token)
            self.replyConsumer = nil
        }
        if !method.noWait { reply(BasicCancelOk(consumerTag: method.consumerTag)) }
    }

    // MARK: Credit

    /// Credit or room has come back to the channel.
    func resumeLimitedConsumers() {
        guard isDeliveryLimited else { return }
        isDeliveryLimited = false
        resumeConsumers()
    }

    func resumeConsumers() {
        for consumer in consumers.values { consumer.queue.resume(consumer) }
    }

    // MARK: Get

    func get(_ method: BasicGet) throws(AMQPException) {
        let name = try resolveQueueName(method.queue)
        try session.require(.read, .queue, name)
        let queue = try usableQueue(name)
        core.runQueues()
        switch queue.get(isAutoAcknowledging: method.noAck, waiter: connection) {
        case .message(let entry, let message): sendFetched(entry, message, of: queue, for: method)
        case .empty: reply(BasicGetEmpty())
        case .away: connection.repeatWhenPageArrives(method, on: number)
        }
    }

    private func sendFetched(_ entry: QueueEntry, _ message: MessageView, of queue: Queue, for method: BasicGet) {
        let tag = takeDeliveryTag()
        let parts = message.parts
        withDeliveredProperties(parts.properties, of: entry, message, from: queue, isFetched: true) { properties in
            connection.output.appendGetOk(
                channel: number, deliveryTag: tag, redelivered: entry.redelivered, exchange: parts.exchange,
                routingKey: parts.routingKey, messageCount: UInt32(clamping: queue.readyCount),
                properties: properties, body: parts.body, frameMax: connection.frameBytesMax)
        }
        connection.markForFlush()
        if method.noAck {
            queue.settleFetched(entry)
        } else {
            hold(entry, tag: tag, from: queue, for: nil)
        }
    }
}
