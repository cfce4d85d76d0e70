import AMQPProtocol

public struct ExchangeDefinition: Hashable, Sendable {
    public var vhost: String
    public var name: String
    /// `direct`, `fanout`, `topic`, `headers`, or what a plugin adds.
    public var type: String
    /// True unless the file says otherwise, as in RabbitMQ.
    public var durable: Bool
    public var autoDelete: Bool
    /// Only other exchanges may publish to an internal one.
    public var `internal`: Bool
    public var arguments: FieldTable
    public var location: SourceLocation

    public init(
        vhost: String,
        name: String,
        type: String,
        durable: Bool = true,
        autoDelete: Bool = false,
        internal: Bool = false,
        arguments: FieldTable = [:],
        location: SourceLocation
    ) {
        self.vhost = vhost
        self.name = name
        self.type = type
        self.durable = durable
        self.autoDelete = autoDelete
        self.internal = `internal`
        self.arguments = arguments
        self.location = location
    }
}
