import AMQPProtocol

/// A virtual host: a name space of its own for queues, exchanges and bindings.
public struct VirtualHostDefinition: Hashable, Sendable {
    public var name: String
    /// Empty if the file gives none, here or in the metadata.
    public var description: String
    public var tags: [String]
    /// The type of queues that are declared without one.
    public var defaultQueueType: String?
    /// All of `metadata`, with `description`, `tags` and `default_queue_type` as they stand there.
    public var metadata: FieldTable
    public var location: SourceLocation

    public init(
        name: String,
        description: String = "",
        tags: [String] = [],
        defaultQueueType: String? = nil,
        metadata: FieldTable = [:],
        location: SourceLocation
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.defaultQueueType = defaultQueueType
        self.metadata = metadata
        self.location = location
    }
}
