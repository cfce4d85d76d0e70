import AMQPProtocol

/// A runtime parameter: a setting of one component (`vhost-limits`, `shovel`, …) in a virtual host.
public struct ParameterDefinition: Hashable, Sendable {
    public var vhost: String
    public var component: String
    public var name: String
    public var value: FieldValue
    public var location: SourceLocation

    public init(vhost: String, component: String, name: String, value: FieldValue, location: SourceLocation) {
        self.vhost = vhost
        self.component = component
        self.name = name
        self.value = value
        self.location = location
    }
}
