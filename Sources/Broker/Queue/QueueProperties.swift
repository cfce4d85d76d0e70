import AMQPProtocol

/// What a declare says of a queue, besides its name.
public struct QueueProperties {
    public var isDurable: Bool
    public var isAutoDelete: Bool
    /// The connection that the queue is exclusive to; `nil` for a shared queue.
    public var exclusiveOwner: ClientConnection?
    public var arguments: FieldTable
    /// The broker's own (`VirtualHost.internalQueue`).
    var isInternal = false

    public init(
        isDurable: Bool,
        isAutoDelete: Bool = false,
        exclusiveOwner: ClientConnection? = nil,
        arguments: FieldTable = [:]
    ) {
        self.isDurable = isDurable
        self.isAutoDelete = isAutoDelete
        self.exclusiveOwner = exclusiveOwner
        self.arguments = arguments
    }
}
