import AMQPProtocol

/// A message that somebody has exported, and wants to have in a queue again.
public struct ImportedMessage: Sendable {
    /// Of an identity, in bytes.
    public static let identityBytesMax = 255

    /// What tells it from all others, also from those of other brokers: a message whose identity is in the queue already is
    /// not imported again.
    public let identity: String
    public let exchange: String
    public let routingKey: String
    public let properties: BasicProperties
    public let body: [UInt8]

    /// - Returns: nil if a name or the identity is longer than 255 bytes.
    public init?(
        identity: String, exchange: String, routingKey: String, properties: BasicProperties, body: [UInt8]
    ) {
        guard !identity.isEmpty,
            [identity, exchange, routingKey].allSatisfy({ $0.utf8.count <= Self.identityBytesMax })
        else { return nil }
        self.identity = identity
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}
