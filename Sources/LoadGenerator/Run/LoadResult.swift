/// What a run has come to. Counts are those of the whole run; rates, latencies and processor times leave out the
/// warm-up.
public struct LoadResult: Sendable {
    public var published = 0
    /// Acknowledged by the broker, if confirms were asked for.
    public var confirmed = 0
    /// Refused by the broker.
    public var nacked = 0
    /// Mandatory messages that came back.
    public var returned = 0
    public var delivered = 0
    public var redelivered = 0
    /// Deliveries that came behind one that was published after them, or twice. For bodies of 16 bytes and more.
    public var orderErrors = 0
    /// Deliveries of messages that this run has not published.
    public var foreign = 0
    /// Deliveries that were expected and had not come when the run gave up waiting.
    public var missing = 0
    /// How often the broker said connection.blocked.
    public var blocked = 0

    /// From the start of what is measured to the last confirm or delivery.
    public var seconds = 0.0
    /// Messages a second up to the last confirm or, without confirms, until the broker had dealt with all; `nil` if
    /// nothing was published.
    public var publishRate: Double?
    /// Deliveries a second up to the last one; `nil` if there was none.
    public var deliveryRate: Double?
    /// Bodies delivered (or published, without consumers), 10⁶ bytes a second.
    public var megabytesPerSecond = 0.0
    /// From just before the write of a publish to the read of its delivery; `nil` for bodies of less than 8 bytes.
    public var latency: LatencySummary?
    /// From just before the write of a publish to the read of its confirm.
    public var confirmLatency: LatencySummary?
    /// How far a producer with a rate fell behind its schedule at worst, in microseconds.
    public var lateMicrosecondsMax: Double?

    /// This process: processor time, for each message published (or delivered, without producers), in cores.
    public var clientProcessorSeconds = 0.0
    public var clientMicrosecondsPerMessage: Double?
    public var clientCores = 0.0
    /// The share of the time for which its busiest thread ran. Near 1, this process was the limit and not the broker.
    public var clientBusiestThread = 0.0

    /// The broker's process, if it was asked for.
    public var broker: BrokerUsage?

    /// Messages that were in the queues before.
    public var messagesFound = 0
    /// Ready messages in the queues at the end, if nobody consumed.
    public var queueDepth: Int?
    /// It was stopped before its end.
    public var wasStopped = false
    /// What ended it, if it did not come to its end.
    public var failure: LoadError?

    public init() {}

    /// Whether all that was taken by the broker came, once and in order.
    public var isSound: Bool { missing == 0 && orderErrors == 0 }
}
