import AMQPProtocol

/// The exchange or queue that may get a filter, as it was declared.
public struct FilterOwner {
    public let resource: ResourceName
    /// The exchange's type; `nil` for a queue.
    public let exchangeType: String?
    public let arguments: FieldTable
}
