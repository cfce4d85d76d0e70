import Broker
import LosslessJSON

extension JSONValue {
    /// With RabbitMQ's names, as far as there is something to tell. `messages` is all that the queue holds, so the delayed
    /// and undeliverable ones as well, which RabbitMQ does not have.
    ///
    /// - Parameter user: who is told of it.
    init(_ queue: QueueFacts, for user: ManagementUser) {
        self = [
            "name": .string(queue.name), "vhost": .string(queue.virtualHost), "type": .string(queue.type),
            "durable": .boolean(queue.isDurable), "auto_delete": .boolean(queue.isAutoDelete),
            "exclusive": .boolean(queue.isExclusive), "arguments": JSONValue(queue.arguments),
            "policy": JSONValue(queue.policy), "operator_policy": JSONValue(queue.operatorPolicy),
            "state": "running", "consumers": JSONValue(queue.consumerCount),
            "messages": JSONValue(queue.messageCount), "messages_ready": JSONValue(queue.readyCount),
            "messages_unacknowledged": JSONValue(queue.unacknowledgedCount),
            "messages_delayed": JSONValue(queue.delayedCount),
            "messages_undeliverable": JSONValue(queue.undeliverableCount),
            "message_bytes_ready": JSONValue(queue.readyBytes), "redrive": JSONValue(queue.redrive, for: user),
            "dead_letter_breaker": JSONValue(queue.breaker),
        ]
    }
}
