import AMQPProtocol
import LosslessJSON

// Tables and properties with the names of RabbitMQ's HTTP API. Types that JSON does not have become the nearest that it
// has: bytes become text, with replacement characters where they are none, timestamps seconds since 1970, and decimals text,
// since not every one has an exact number.

extension JSONValue {
    init(_ table: FieldTable) {
        self = .object(Dictionary(table.entries.map { ($0.name, JSONValue($0.value)) }) { first, _ in first })
    }

    init(_ value: FieldValue) {
        self =
            switch value {
            case .table(let table): JSONValue(table)
            case .array(let elements): .array(elements.map { JSONValue($0) })
            case .boolean(let value): .boolean(value)
            case .float(let value): JSONValue(Double(value))
            case .double(let value): JSONValue(value)
            case .longString(let bytes), .bytes(let bytes): .string(String(decoding: bytes, as: UTF8.self))
            case .timestamp(let seconds): .unsigned(seconds)
            case .decimal(let scale, let value): .string("\(value)e-\(scale)")
            case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64: .integer(value.integerValue ?? 0)
            case .void: .null
            }
    }

    init(_ properties: BasicProperties) {
        var fields: [String: JSONValue] = [:]
        fields["content_type"] = properties.contentType.map { .string($0) }
        fields["content_encoding"] = properties.contentEncoding.map { .string($0) }
        fields["headers"] = properties.headers.map { JSONValue($0) }
        fields["delivery_mode"] = properties.deliveryMode.map { .integer(Int64($0)) }
        fields["priority"] = properties.priority.map { .integer(Int64($0)) }
        fields["correlation_id"] = properties.correlationID.map { .string($0) }
        fields["reply_to"] = properties.replyTo.map { .string($0) }
        fields["expiration"] = properties.expiration.map { .string($0) }
        fields["message_id"] = properties.messageID.map { .string($0) }
        fields["timestamp"] = properties.timestamp.map { .unsigned($0) }
        fields["type"] = properties.type.map { .string($0) }
        fields["user_id"] = properties.userID.map { .string($0) }
        fields["app_id"] = properties.appID.map { .string($0) }
        fields["cluster_id"] = properties.clusterID.map { .string($0) }
        self = .object(fields)
    }
}
