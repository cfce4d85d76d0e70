import AMQPProtocol
import HarrierClient
import NIOCore

/// Messages as JSON, with the field names of RabbitMQ's HTTP API, so that what reads one reads the other.
enum DeliveryJSON {
    static func text(_ delivery: Delivery) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("exchange", delivery.exchange)
            json.field("routing_key", delivery.routingKey)
            json.name("redelivered")
            json.boolean(delivery.isRedelivered)
            json.name("properties")
            json.object { $0.fields(of: delivery.properties) }
            json.name("payload_bytes")
            json.integer(delivery.body.readableBytes)
            let body = delivery.body.readableBytesView
            let text = String(validating: body, as: UTF8.self)
            json.field("payload", text ?? base64(body))
            json.field("payload_encoding", text == nil ? "base64" : "string")
        }
        return json.text
    }

    private static let base64Digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func base64(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for digit in 0..<4 {
                // Three bytes are four digits, two are three, and one is two.
                let value = Int(bits >> (18 - 6 * UInt32(digit)) & 63)
                text.append(digit <= group.count ? base64Digits[value] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension JSONWriter {
    fileprivate mutating func field(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    fileprivate mutating func field(_ name: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        self.name(name)
        integer(value)
    }

    fileprivate mutating func fields(of properties: BasicProperties) {
        field("content_type", properties.contentType)
        field("content_encoding", properties.contentEncoding)
        if let headers = properties.headers {
            name("headers")
            value(.table(headers))
        }
        field("delivery_mode", properties.deliveryMode)
        field("priority", properties.priority)
        field("correlation_id", properties.correlationID)
        field("reply_to", properties.replyTo)
        field("expiration", properties.expiration)
        field("message_id", properties.messageID)
        field("timestamp", properties.timestamp)
        field("type", properties.type)
        field("user_id", properties.userID)
        field("app_id", properties.appID)
        field("cluster_id", properties.clusterID)
    }

    /// Types that JSON does not have become the nearest that it has: bytes become text, with replacement characters
    /// where they are none, timestamps seconds since 1970, and decimals text, since not every one has an exact number.
    fileprivate mutating func value(_ value: FieldValue) {
        switch value {
        case .table(let table):
            object { json in
                for entry in table.entries {
                    json.name(entry.name)
                    json.value(entry.value)
                }
            }
        case .array(let elements): array { json in for element in elements { json.value(element) } }
        case .boolean(let value): boolean(value)
        case .float(let value): number(Double(value))
        case .double(let value): number(value)
        case .longString(let bytes), .bytes(let bytes): string(String(decoding: bytes, as: UTF8.self))
        case .timestamp(let seconds): integer(seconds)
        case .decimal(let scale, let value): string("\(value)e-\(scale)")
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64: integer(value.integerValue ?? 0)
        case .void: null()
        }
    }
}
