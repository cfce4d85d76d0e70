import AMQPProtocol

/// Settings for all queues or exchanges whose names match a pattern: a policy, or an operator policy.
public struct PolicyDefinition: Hashable, Sendable {
    /// What a policy may apply to, by RabbitMQ's names.
    public enum Target: String, Hashable, Sendable, CaseIterable {
        case all
        case queues
        case classicQueues = "classic_queues"
        case quorumQueues = "quorum_queues"
        case streams
        case exchanges
    }

    public var vhost: String
    public var name: String
    /// A regular expression over names.
    public var pattern: String
    public var applyTo: Target
    /// Of several policies that match the same object only the one with the highest priority applies.
    public var priority: Int
    /// The settings, named like queue arguments but without `x-`.
    public var definition: FieldTable
    public var location: SourceLocation

    public init(
        vhost: String,
        name: String,
        pattern: String,
        applyTo: Target = .all,
        priority: Int = 0,
        definition: FieldTable,
        location: SourceLocation
    ) {
        self.vhost = vhost
        self.name = name
        self.pattern = pattern
        self.applyTo = applyTo
        self.priority = priority
        self.definition = definition
        self.location = location
    }
}
