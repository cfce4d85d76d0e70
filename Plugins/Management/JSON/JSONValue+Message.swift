import Broker

extension JSONValue {
    /// With the names that RabbitMQ's `get` has, and what Harrier knows beside them. Times are in milliseconds since 1970.
    init(_ message: BrowsedMessage, body: BodyForm) {
        var fields: [String: JSONValue] = [
            "id": .string("\(message.id)"), "state": .string(message.state.rawValue),
            "redelivered": .boolean(message.isRedelivered), "exchange": .string(message.exchange),
            "routing_key": .string(message.routingKey), "properties": JSONValue(message.properties),
            "payload_bytes": JSONValue(message.bodyByteCount),
            "published_at": .unsigned(message.publishedAtMilliseconds),
            "delivery_count": .integer(Int64(message.deliveryCount)),
            "acquired_count": .integer(Int64(message.acquiredCount)),
        ]
        fields["expires_at"] = message.deadlineMilliseconds.map { .unsigned($0) }
        fields["undeliverable_reason"] = message.undeliverableReason.map { .string($0) }
        body.add(message, to: &fields)
        self = .object(fields)
    }

    /// A message that waits for its time.
    init(scheduled message: BrowsedMessage) {
        self = [
            "id": .string("\(message.id)"),
            // Out are those whose time is over.
            "state": message.state == .ready ? "waiting" : "due",
            "deliver_at": JSONValue(message.deadlineMilliseconds), "exchange": .string(message.exchange),
            "routing_key": .string(message.routingKey), "properties": JSONValue(message.properties),
            "payload_bytes": JSONValue(message.bodyByteCount),
            "published_at": .unsigned(message.publishedAtMilliseconds),
        ]
    }
}

extension BrowsePage {
    /// The page as an answer: what is on it, and where the next one begins.
    func json(_ item: (BrowsedMessage) -> JSONValue) -> JSONValue {
        [
            "items": .array(messages.map(item)), "scanned": JSONValue(scanned), "is_complete": .boolean(isComplete),
            "cursor": JSONValue(next.map { "\($0)" }),
        ]
    }
}
