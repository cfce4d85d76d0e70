import AMQPProtocol

/// A subscription of a channel to a queue.
public final class Consumer {
    public let tag: String
    /// The tag as it goes into every delivery; as long as the consumer is there.
    public let tagBytes: UnsafeRawBufferPointer
    public let queue: Queue
    // Unsafe: a channel that goes takes its consumers out of their queues before.
    public unowned(unsafe) let channel: ClientChannel
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
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: tag.utf8.count, alignment: 1)
        bytes.copyBytes(from: tag.utf8)
        self.tagBytes = UnsafeRawBufferPointer(bytes)
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

    /// When the time to settle a message is over that it is given now, monotonic.
    @inline(never)
    public func settleDeadlineNanoseconds() -> UInt64 {
        queue.coreReference._withUnsafeGuaranteedRef { $0.nowNanoseconds } + timeoutNanoseconds
    }

    deinit { tagBytes.deallocate() }

    public var hasCredit: Bool {
        isAutoAcknowledging || prefetchCount == 0 || unacknowledgedCount < prefetchCount
    }
}
