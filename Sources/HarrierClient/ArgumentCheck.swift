import AMQPProtocol

/// Refuses what AMQP cannot carry, where the caller can still be told; encoders would cut it.
enum ArgumentCheck {
    /// Names, routing keys and most properties are short strings: 255 bytes of UTF-8 at most.
    static let shortStringBytesMax = 255

    static func name(_ text: String, _ what: StaticString) throws(AMQPClientError) {
        guard text.utf8.count <= shortStringBytesMax else {
            throw .invalidArgument(
                "the \(what) is \(text.utf8.count) bytes long, AMQP carries \(shortStringBytesMax) at most")
        }
    }

    static func table(_ table: FieldTable) throws(AMQPClientError) {
        try entries(of: table, depth: 1)
    }

    static func binding(
        _ destination: String, _ source: String, _ routingKey: String, _ arguments: FieldTable
    ) throws(AMQPClientError) {
        try name(destination, "destination")
        try name(source, "exchange")
        try name(routingKey, "routing key")
        try table(arguments)
    }

    static func properties(_ properties: BasicProperties) throws(AMQPClientError) {
        if let text = properties.contentType { try name(text, "content type") }
        if let text = properties.contentEncoding { try name(text, "content encoding") }
        if let headers = properties.headers { try table(headers) }
        if let text = properties.correlationID { try name(text, "correlation id") }
        if let text = properties.replyTo { try name(text, "reply-to") }
        if let text = properties.expiration { try name(text, "expiration") }
        if let text = properties.messageID { try name(text, "message id") }
        if let text = properties.type { try name(text, "type") }
        if let text = properties.userID { try name(text, "user id") }
        if let text = properties.appID { try name(text, "app id") }
        if let text = properties.clusterID { try name(text, "cluster id") }
    }

    private static func entries(of table: FieldTable, depth: Int) throws(AMQPClientError) {
        for entry in table.entries {
            try name(entry.name, "name of a table's field")
            try value(entry.value, depth: depth)
        }
    }

    private static func value(_ value: FieldValue, depth: Int) throws(AMQPClientError) {
        guard depth <= FieldTable.nestingMax else {
            throw .invalidArgument("tables and arrays are nested more than \(FieldTable.nestingMax) deep")
        }
        switch value {
        case .table(let table): try entries(of: table, depth: depth + 1)
        case .array(let elements): for element in elements { try self.value(element, depth: depth + 1) }
        default: break
        }
    }
}
