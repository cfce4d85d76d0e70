import AMQPProtocol

public struct BindingDefinition: Hashable, Sendable {
    /// What a binding leads to.
    public enum DestinationType: String, Hashable, Sendable, CaseIterable {
        case queue
        case exchange
    }

    /// The exchange that messages come from.
    public var source: String
    public var vhost: String
    public var destination: String
    public var destinationType: DestinationType
    /// Empty if the file gives none.
    public var routingKey: String
    public var arguments: FieldTable
    public var location: SourceLocation

    public init(
        source: String,
        vhost: String,
        destination: String,
        destinationType: DestinationType,
        routingKey: String = "",
        arguments: FieldTable = [:],
        location: SourceLocation
    ) {
        self.source = source
        self.vhost = vhost
        self.destination = destination
        self.destinationType = destinationType
        self.routingKey = routingKey
        self.arguments = arguments
        self.location = location
    }
}
