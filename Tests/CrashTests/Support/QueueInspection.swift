import AMQPProtocol

/// Looks into queues by consuming them whole, and then empties some and gives the rest back.
enum QueueInspection {
    struct Result: Sendable {
        /// The messages of each queue, in its order.
        var messages: [String: [UInt64]] = [:]
        /// Messages that were not as they had been sent.
        var damagedCount = 0
    }

    /// Returns when everything in a queue has expired: what an inspection held meanwhile would expire behind what came
    /// after it. Each dead letter is heard of by a queue of its own beside the one that keeps it.
    static func waitUntilExpired(_ queue: String, port: Int) throws(WireClient.Failure) {
        let client = try WireClient(port: port)
        try client.openChannel()
        let watch = "watch." + queue
        _ = try client.request(QueueDeclare(queue: watch, exclusive: true))
        let deadLetters = LoadTopology.deadLetterExchange
        _ = try client.request(
            QueueBind(queue: watch, exchange: deadLetters, routingKey: LoadTopology.dead(queue)))
        client.send(BasicConsume(queue: watch, noAck: true))
        client.send(QueueDeclare(queue: queue, passive: true))
        var isAsking = true
        while true {
            switch try client.next() {
            case .method(.queueDeclareOk(let declared), _):
                if declared.messageCount == 0 { return try client.close() }
                isAsking = false
            case .delivery:
                if !isAsking { client.send(QueueDeclare(queue: queue, passive: true)) }
                isAsking = true
            case .method(.basicConsumeOk, _): break
            case let event: throw .unexpected("waiting for \(queue): \(event)")
            }
        }
    }

    /// - Parameter drain: asked of each queue, with the number of its messages, whether to empty it; those that are
    ///   emptied are so durably when this returns.
    static func run(
        port: Int, queues: [String], drain: (String, Int) -> Bool
    ) throws(WireClient.Failure) -> Result {
        let client = try WireClient(port: port)
        var result = Result()
        for (index, queue) in queues.enumerated() {
            let channel = UInt16(index + 1)
            try client.openChannel(channel)
            try client.selectTransactions(channel: channel)
            result.messages[queue] = try messages(of: queue, client, channel, &result.damagedCount)
        }
        for (index, queue) in queues.enumerated() where drain(queue, result.messages[queue]?.count ?? 0) {
            let channel = UInt16(index + 1)
            client.send(BasicAck(deliveryTag: 0, multiple: true), channel: channel)
            guard case .txCommitOk = try client.request(TxCommit(), channel: channel) else {
                throw .unexpected("no tx.commit-ok")
            }
        }
        try client.close()
        return result
    }

    /// Everything is delivered once no message is ready: a reply comes behind the deliveries that were before it.
    private static func messages(
        of queue: String, _ client: WireClient, _ channel: UInt16, _ damagedCount: inout Int
    ) throws(WireClient.Failure) -> [UInt64] {
        var messages: [UInt64] = []
        client.send(BasicConsume(queue: queue), channel: channel)
        client.send(QueueDeclare(queue: queue, passive: true), channel: channel)
        while true {
            switch try client.next() {
            case .delivery(let delivery):
                if let id = TestMessage.id(ofBody: delivery.body) { messages.append(id) } else { damagedCount += 1 }
            case .method(.basicConsumeOk, _): break
            case .method(.queueDeclareOk(let declared), _):
                if declared.messageCount == 0 { return messages }
                client.send(QueueDeclare(queue: queue, passive: true), channel: channel)
            case let event: throw .unexpected("looking into \(queue): \(event)")
            }
        }
    }
}
