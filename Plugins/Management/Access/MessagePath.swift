import AMQPProtocol
import Broker
import LosslessJSON

/// How a message has come to where it is, as its headers tell, and what holds now for the queues that it has come through.
struct MessagePath {
    private let message: BrowsedMessage
    private let queue: String
    private let deaths: [FieldTable]

    init(_ message: BrowsedMessage, in queue: String) {
        self.message = message
        self.queue = queue
        deaths = (message.properties.headers?["x-death"]?.arrayValue ?? []).compactMap(\.tableValue)
    }

    /// The queue that it is in, and those that it died in.
    var queueNames: [String] {
        var names: [WireName] = [WireName(queue)]
        for death in deaths {
            guard let name = death["queue"]?.stringValue.map({ WireName($0) }), !names.contains(name) else { continue }
            names.append(name)
        }
        return names.map(\.text)
    }

    /// - Parameter facts: of those queues that are there.
    func json(_ facts: [QueueFacts]) -> JSONValue {
        var known: [WireName: QueueFacts] = [:]
        for queue in facts { known[WireName(queue.name)] = queue }
        let headers = message.properties.headers
        var fields: [String: JSONValue] = [
            "id": .string("\(message.id)"), "queue": .string(queue), "state": .string(message.state.rawValue),
            "exchange": .string(message.exchange), "routing_key": .string(message.routingKey),
            "published_at": .unsigned(message.publishedAtMilliseconds),
            "undeliverable_reason": JSONValue(message.undeliverableReason),
            "undeliverable_at_seconds": JSONValue(message.undeliverableSinceSeconds),
            "queue_now": Self.now(known[WireName(queue)]),
            // The newest first, as they stand in the header.
            "deaths": .array(
                deaths.map { death in
                    [
                        "queue": Self.value(death["queue"]), "reason": Self.value(death["reason"]),
                        "count": Self.value(death["count"]), "first_at_seconds": Self.value(death["time"]),
                        "exchange": Self.value(death["exchange"]), "routing_keys": Self.value(death["routing-keys"]),
                        "original_expiration": Self.value(death["original-expiration"]),
                        "queue_now": Self.now(death["queue"]?.stringValue.flatMap { known[WireName($0)] }),
                    ]
                }),
        ]
        for name in ["redriven-count", "redriven-at", "redriven-by", "redriven-task", "import-id"] {
            fields[name.split(separator: "-").joined(separator: "_")] = Self.value(headers?["x-\(name)"])
        }
        return .object(fields)
    }

    private static func value(_ value: FieldValue?) -> JSONValue { value.map { JSONValue($0) } ?? .null }

    /// What holds for the queue; null if it is not there any more.
    private static func now(_ facts: QueueFacts?) -> JSONValue {
        guard let facts else { return .null }
        return [
            "policy": JSONValue(facts.policy), "operator_policy": JSONValue(facts.operatorPolicy),
            "dead_letter_exchange": JSONValue(facts.deadLetterRoute?.exchange.text),
            "dead_letter_routing_key": JSONValue(facts.deadLetterRoute?.routingKey?.text),
            "message_ttl_ms": JSONValue(facts.messageTTLMilliseconds),
            "max_length": facts.maxLength.map { JSONValue($0) } ?? .null,
            "max_length_bytes": facts.maxLengthBytes.map { JSONValue($0) } ?? .null,
            "delivery_limit": facts.deliveryLimit.map { JSONValue($0) } ?? .null,
        ]
    }
}
