import AMQPProtocol
import Foundation

/// Looks into queues by consuming them whole, and then empties some and gives the rest back.
enum QueueInspection {
    struct Result: Sendable {
        /// The messages of each queue, in its order.
        var messages: [String: [UInt64]] = [:]
        /// Messages that were not as they had been sent.
        var damagedCount = 0
    }

    /// Returns when a queue has nothing left, as one whose messages expire will: what an inspection held meanwhile would
    /// expire behind what came after it.
    static func waitUntilEmpty(_ queue: String, port: Int) throws(WireClient.Failure) {
        let client = try WireClient(port: port)
        try client.openChannel()
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            let reply = try client.request(QueueDeclare(queue: queue, passive: true))
            guard case .queueDeclareOk(let declared) = reply else { throw .unexpected("\(queue): \(reply)") }
            if declared.messageCount == 0 { return try client.close() }
            usleep(5_000)
        }
        throw .unexpected("messages in \(queue) do not expire")
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
