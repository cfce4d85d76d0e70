import Broker
import Foundation
import LosslessJSON

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
        fields["edit_id"] = message.editID.map { .string("\($0)") }
        fields["undeliverable_reason"] = message.undeliverableReason.map { .string($0) }
        fields["undeliverable_since"] = message.undeliverableSinceSeconds.map { .unsigned($0 * 1000) }
        body.add(message, to: &fields)
        self = .object(fields)
    }

    /// The same, with what it takes to import it without loss: `properties_encoded`, in base64 as they stand on the wire, and
    /// `export_id`.
    init(exported message: BrowsedMessage, of place: QueuePlace, body: BodyForm) {
        guard case .object(var fields) = JSONValue(message, body: body) else {
            self = .null
            return
        }
        fields["properties_encoded"] = .string(Data(message.encodedProperties).base64EncodedString())
        let identity = ExportIdentity(
            queue: place.name, message: message.id, publishedAtMilliseconds: message.publishedAtMilliseconds)
        fields["export_id"] = .string(identity.text)
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
            "items": .array(messages.map(item)), "scanned": JSONValue(scanned), "matched": JSONValue(messages.count),
            "undecided": JSONValue(undecided), "is_complete": .boolean(isComplete),
            "cursor": JSONValue(next.map { "\($0)" }),
        ]
    }
}

extension MessageCount {
    var fields: [String: JSONValue] {
        [
            "scanned": JSONValue(scanned), "matched": JSONValue(matched), "undecided": JSONValue(undecided),
            "bytes": JSONValue(bytes), "is_complete": .boolean(isComplete), "cursor": JSONValue(next.map { "\($0)" }),
        ]
    }
}

extension JSONValue {
    init(_ group: MessageGroup) {
        self = [
            "key": JSONValue(group.key), "messages": JSONValue(group.messages), "bytes": JSONValue(group.bytes),
            "first_seen": .unsigned(group.firstSeenMilliseconds), "last_seen": .unsigned(group.lastSeenMilliseconds),
            "sample_id": .string("\(group.sample)"),
        ]
    }

    init(_ groups: MessageGroups, by key: GroupKey) {
        var fields = groups.count.fields
        fields["by"] = .string(key.text)
        fields["items"] = .array(groups.groups.map { JSONValue($0) })
        fields["other"] = groups.others.map { JSONValue($0) } ?? .null
        fields["group_count"] = JSONValue(groups.groupCount)
        fields["group_count_is_limit"] = .boolean(groups.isGroupCountALimit)
        self = .object(fields)
    }
}
