import AMQPProtocol
import Broker

extension ServerChannel {
    func declareQueue(_ method: QueueDeclare) throws(AMQPException) {
        if method.queue.hasSameBytes(as: ReplyConsumer.queueName)
            || method.queue.hasPrefixBytes(ReplyConsumer.addressPrefix)
        {
            return try declareReplyQueue(method)
        }
        core.runQueues()
        let queue: Queue
        if method.passive {
            // Here alone an empty name does not stand for the last one, as in RabbitMQ.
            queue = try usableQueue(method.queue)
            queue.noteUse()
        } else {
            queue = try declareActively(method)
        }
        lastQueueName = queue.name
        guard !method.noWait else { return }
        let declared = QueueDeclareOk(
            queue: queue.name, messageCount: UInt32(clamping: queue.readyCount),
            consumerCount: UInt32(clamping: queue.consumerCount))
        if method.passive || !method.durable {
            reply(declared)
        } else {
            connection.sendWhenDurable(.queueDeclareOk(declared), on: number)
        }
    }

    private func declareActively(_ method: QueueDeclare) throws(AMQPException) -> Queue {
        // A name of the broker's making needs permission as any other.
        let name = try virtualHost.nameOfDeclared(method.queue)
        try session.require(.configure, .queue, name)
        if let deadLetterExchange = method.arguments["x-dead-letter-exchange"]?.stringValue,
            virtualHost.queue(named: name) == nil
        {
            try session.require(.read, .queue, name)
            try session.require(.write, .exchange, deadLetterExchange)
        }
        let properties = QueueProperties(
            isDurable: method.durable,
            isAutoDelete: method.autoDelete,
            exclusiveOwner: method.exclusive ? connection : nil,
            arguments: method.arguments
        )
        return try virtualHost.declareQueue(name, properties, by: connection)
    }

    /// The pseudo-queue of direct reply-to is always there; an address is while its requester is.
    private func declareReplyQueue(_ method: QueueDeclare) throws(AMQPException) {
        if !method.queue.hasSameBytes(as: ReplyConsumer.queueName) {
            let token = String(
                decoding: method.queue.utf8.dropFirst(ReplyConsumer.addressPrefix.utf8.count), as: UTF8.self)
            guard core.replyChannel(token) != nil else {
                throw .channel(
                    .notFound, "no \(ResourceName(.queue, method.queue, in: virtualHost.name).text)")
            }
        }
        lastQueueName = method.queue
        if !method.noWait { reply(QueueDeclareOk(queue: method.queue, messageCount: 0, consumerCount: 1)) }
    }

    func bindQueue(_ method: QueueBind) throws(AMQPException) {
        let name = try resolveQueueName(method.queue)
        // Both empty: the queue's own name is the key, as in RabbitMQ.
        let key = method.queue.isEmpty && method.routingKey.isEmpty ? name : method.routingKey
        let (exchange, queue) = try bindingEnds(exchange: method.exchange, queue: name, routingKey: key)
        try virtualHost.bind(exchange, to: .queue(queue), routingKey: key, arguments: method.arguments)
        if !method.noWait { replyToBinding(.queueBindOk(QueueBindOk()), exchange, isDurable: queue.isDurable) }
    }

    func unbindQueue(_ method: QueueUnbind) throws(AMQPException) {
        let name = try resolveQueueName(method.queue)
        let key = method.queue.isEmpty && method.routingKey.isEmpty ? name : method.routingKey
        try requireBinding(.queue, name, exchange: method.exchange)
        // A missing end means a missing binding, and that is fine.
        if let exchange = virtualHost.exchange(named: method.exchange), let queue = virtualHost.queue(named: name) {
            try virtualHost.checkAccess(to: queue, by: connection)
            virtualHost.unbind(exchange, from: .queue(queue), routingKey: key, arguments: method.arguments)
        }
        connection.sendWhenDurable(.queueUnbindOk(QueueUnbindOk()), on: number)
    }

    private func bindingEnds(
        exchange exchangeName: String, queue name: String, routingKey: String
    ) throws(AMQPException) -> (Exchange, Queue) {
        try requireBinding(.queue, name, exchange: exchangeName)
        let queue = try usableQueue(name)
        let exchange = try virtualHost.existingExchange(exchangeName)
        try session.requireTopic(.read, exchange, routingKey: routingKey)
        return (exchange, queue)
    }

    func requireBinding(_ kind: ResourceName.Kind, _ name: String, exchange: String) throws(AMQPException) {
        try virtualHost.refuseDefaultExchange(exchange)
        try session.require(.write, kind, name)
        try session.require(.read, .exchange, exchange)
    }

    func replyToBinding(_ method: Method, _ exchange: Exchange, isDurable: Bool) {
        if exchange.isDurable, isDurable {
            connection.sendWhenDurable(method, on: number)
        } else {
            connection.output.appendMethodFrame(channel: number, method)
            connection.markForFlush()
        }
    }

    func purgeQueue(_ method: QueuePurge) throws(AMQPException) {
        let name = try resolveQueueName(method.queue)
        try session.require(.read, .queue, name)
        let queue = try usableQueue(name)
        core.runQueues()
        let count = queue.purge()
        if !method.noWait { reply(QueuePurgeOk(messageCount: UInt32(clamping: count))) }
    }

    /// Deleting a queue that is not there is fine, as in RabbitMQ.
    func deleteQueue(_ method: QueueDelete) throws(AMQPException) {
        let name = try resolveQueueName(method.queue)
        try session.require(.configure, .queue, name)
        var count = 0
        if let queue = virtualHost.queue(named: name) {
            try virtualHost.checkAccess(to: queue, by: connection)
            core.runQueues()
            count = try virtualHost.deleteQueue(queue, ifUnused: method.ifUnused, ifEmpty: method.ifEmpty)
        }
        guard !method.noWait else { return }
        connection.sendWhenDurable(
            .queueDeleteOk(QueueDeleteOk(messageCount: UInt32(clamping: count))), on: number)
    }
}
