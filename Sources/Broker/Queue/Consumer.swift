import AMQPProtocol

/// A subscription of a channel to a queue.
public final class Consumer {
    public let tag: String
    /// The tag as it goes into every delivery.
    public let tagBytes: [UInt8]
    public let queue: Queue
    public unowned let channel: ClientChannel
    public let isAutoAcknowledging: Bool
    public let isExclusive: Bool
    public let priority: Int
    public let arguments: FieldTable
    /// How many deliveries may be outstanding; 0 for any number.
    public let prefetchCount: Int
    /// What its own arguments say of the time that it may take to settle a message, in milliseconds.
    let namedTimeoutMilliseconds: UInt64?
    /// How long it may take; `UInt64.max / 2` for ever. Its own word counts, then the queue's, then the broker's.
    @exclusivity(unchecked) public internal(set) var timeoutNanoseconds: UInt64
    /// How many are.
    @exclusivity(unchecked) public var unacknowledgedCount = 0

    /// Whether the queue's rotation holds it, that is, whether it will be asked when a message is there.
    @exclusivity(unchecked) var isInRotation = false
    @exclusivity(unchecked) public internal(set) var isCancelled = false

    public init(
        tag: String,
        queue: Queue,
        channel: ClientChannel,
        isAutoAcknowledging: Bool,
        isExclusive: Bool,
        priority: Int,
        timeoutMilliseconds: UInt64? = nil,
        prefetchCount: Int,
        arguments: FieldTable
    ) {
        self.tag = tag
        self.tagBytes = Array(tag.utf8)
        self.queue = queue
        self.channel = channel
        self.isAutoAcknowledging = isAutoAcknowledging
        self.isExclusive = isExclusive
        self.priority = priority
        self.namedTimeoutMilliseconds = timeoutMilliseconds
        self.timeoutNanoseconds = timeoutMilliseconds.map { $0 * 1_000_000 } ?? queue.consumerTimeoutNanoseconds
        self.prefetchCount = prefetchCount
        self.arguments = arguments
    }

    public var hasCredit: Bool {
        isAutoAcknowledging || prefetchCount == 0 || unacknowledgedCount < prefetchCount
    }
}
