/// The queues that messages with one exchange and routing key reach: found once, and used until the topology changes.
/// Whoever publishes the same again and again need not have it routed each time.
///
/// Owned by one channel. Queues in it are there as long as `BrokerCore.topologyGeneration` is what it was.
public struct RememberedRoute: ~Copyable {
    /// 0 if nothing is remembered.
    private(set) var generation: UInt64 = 0
    /// Not retained: a queue that goes changes the generation.
    private(set) var queues = ScratchList<Unmanaged<Queue>>()

    public init() {}

    /// Whether it says anything.
    public var isEmpty: Bool { generation == 0 }

    public mutating func forget() {
        generation = 0
        queues.removeAll()
    }

    mutating func append(_ queue: Queue) { queues.append(.passUnretained(queue)) }

    mutating func remember(generation: UInt64) {
        if queues.isEmpty { return forget() }
        self.generation = generation
    }
}
