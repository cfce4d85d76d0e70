import AMQPProtocol

/// A runtime parameter that belongs to no virtual host, for example `cluster_name`.
public struct GlobalParameterDefinition: Hashable, Sendable {
    public var name: String
    public var value: FieldValue
    public var location: SourceLocation

    public init(name: String, value: FieldValue, location: SourceLocation) {
        self.name = name
        self.value = value
        self.location = location
    }
}
