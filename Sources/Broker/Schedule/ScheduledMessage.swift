import AMQPProtocol

/// A message whose time of delivery has come: as it was published, but for `x-delay`, which is negative now, as the plugin of
/// RabbitMQ's has it: it says how long the message has waited, and does not make it wait again.
struct ScheduledMessage {
    private let message: MessageView
    private let properties: BasicProperties

    /// - Returns: `nil` if the stored properties can't be read, which a checksum would have found.
    init?(_ message: MessageView) {
        guard var properties = try? BasicProperties(decoding: message.properties) else { return nil }
        if let delay = properties.headers?["x-delay"]?.integerValue, delay > 0 {
            properties.headers?["x-delay"] = .int64(-delay)
        }
        self.message = message
        self.properties = properties
    }

    func withPublication<Result>(_ body: (Publication) -> Result) -> Result {
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        guard let view = try? PropertiesView(validating: buffer.bytes) else {
            preconditionFailure("properties of our own encoding can't be read")
        }
        return body(
            Publication(
                exchange: message.exchange, routingKey: message.routingKey, properties: view,
                propertyBytes: buffer.bytes, body: message.body,
                // Its time to live begins now.
                expirationMilliseconds: properties.expiration.flatMap { UInt64($0) }))
    }
}
