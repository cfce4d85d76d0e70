import AMQPProtocol

public struct QueueDefinition: Hashable, Sendable {
    public var vhost: String
    public var name: String
    /// `classic`, `quorum` or `stream`, if the file gives `type`. RabbitMQ writes it for people and, on import, goes by
    /// the argument `x-queue-type`.
    public var type: String?
    /// True unless the file says otherwise, as in RabbitMQ.
    public var durable: Bool
    public var autoDelete: Bool
    public var arguments: FieldTable
    public var location: SourceLocation

    public init(
        vhost: String,
        name: String,
        type: String? = nil,
        durable: Bool = true,
        autoDelete: Bool = false,
        arguments: FieldTable = [:],
        location: SourceLocation
    ) {
        self.vhost = vhost
        self.name = name
        self.type = type
        self.durable = durable
        self.autoDelete = autoDelete
        self.arguments = arguments
        self.location = location
    }
}
