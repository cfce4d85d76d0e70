import AMQPProtocol

/// The properties of a message as JSON: those that it has, by RabbitMQ's names.
struct PropertiesJSON: Encodable {
    private let properties: BasicProperties

    init(_ properties: BasicProperties) {
        self.properties = properties
    }

    private enum Key: String, CodingKey {
        case headers, priority, expiration, timestamp, type
        case contentType = "content_type"
        case contentEncoding = "content_encoding"
        case deliveryMode = "delivery_mode"
        case correlationID = "correlation_id"
        case replyTo = "reply_to"
        case messageID = "message_id"
        case userID = "user_id"
        case appID = "app_id"
        case clusterID = "cluster_id"
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encodeIfPresent(properties.contentType, forKey: .contentType)
        try object.encodeIfPresent(properties.contentEncoding, forKey: .contentEncoding)
        try object.encodeIfPresent(properties.headers.map { FieldValueJSON(.table($0)) }, forKey: .headers)
        try object.encodeIfPresent(properties.deliveryMode, forKey: .deliveryMode)
        try object.encodeIfPresent(properties.priority, forKey: .priority)
        try object.encodeIfPresent(properties.correlationID, forKey: .correlationID)
        try object.encodeIfPresent(properties.replyTo, forKey: .replyTo)
        try object.encodeIfPresent(properties.expiration, forKey: .expiration)
        try object.encodeIfPresent(properties.messageID, forKey: .messageID)
        try object.encodeIfPresent(properties.timestamp, forKey: .timestamp)
        try object.encodeIfPresent(properties.type, forKey: .type)
        try object.encodeIfPresent(properties.userID, forKey: .userID)
        try object.encodeIfPresent(properties.appID, forKey: .appID)
        try object.encodeIfPresent(properties.clusterID, forKey: .clusterID)
    }
}
