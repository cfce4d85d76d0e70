import SegmentLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What becomes of a consumer that takes too long, as RabbitMQ's `consumer_timeout_response`.
public enum ConsumerTimeoutResponse: String, Sendable, CaseIterable {
    /// It is cancelled by the broker (basic.cancel), and what it holds is delivered to others. A client that did not say it
    /// takes a basic.cancel loses its channel.
    case notifyConsumer = "notify-consumer"
    /// Its channel is closed with 406, as by RabbitMQ up to 4.2.
    case closeChannel = "close-channel"
}

/// Whether `x-death` and `x-first-death-*` count that a client has written.
public enum ClientDeaths: String, Sendable, CaseIterable {
    /// What the headers say of deaths is the broker's word, as in RabbitMQ since 4.0.
    case ignore
    /// They count, as up to RabbitMQ 3.13: for clients that publish a dead letter again and go by its history.
    case trust
}

/// What becomes of arguments that nobody knows.
public enum UnknownArguments: String, Sendable, CaseIterable {
    /// They are kept and without effect, which is logged, as RabbitMQ does but for the log.
    case accept
    /// 406: a mistake in an argument's name is found at once.
    case refuse
}

/// What the broker is started with.
public struct BrokerConfiguration: Sendable {
    /// Folder of the segment log. Made if it is not there; locked while the broker runs.
    public var dataDirectory: String
    /// When a confirm may be sent.
    public var sync: SyncPolicy = .sync
    /// Size of the page cache in bytes: what is in memory of messages and of the queues' indexes. 16 MiB at least.
    public var pageCacheBytes = 256 << 20
    /// Size of a segment of the log in bytes, a power of two from 1 MiB to 1 GiB. A data directory keeps the size that it
    /// was made with.
    public var segmentBytes = 64 << 20
    /// Size of a page of the log in bytes, a power of two, at most half a segment. Kept by a data directory as well.
    public var logPageBytes = 256 << 10
    /// A checkpoint is written when the log has grown by so many bytes.
    public var checkpointIntervalBytes = 64 << 20
    /// With less than this free on the data directory's file system, in bytes, publishers are blocked
    /// (connection.blocked).
    public var diskFreeBytesMin = 256 << 20
    /// Largest body that is taken, in bytes; more is refused with 406.
    public var messageBytesMax = 16 << 20
    /// Memory that messages may take, in bytes. The page cache bounds it; where it can't, because the disk takes nothing
    /// any more, publishers are blocked (connection.blocked) above this. By default two fifths of the machine's memory, as RabbitMQ's high watermark.
    public var messageMemoryBytesMax = Self.machineMemoryBytes / 5 * 2
    /// Where files are worked on; tests and simulations do it in the core's turns.
    public var diskPlacement = SegmentLog.Configuration.WriterPlacement.ownThread
    /// Users that may log in from this machine only, as RabbitMQ's `loopback_users`.
    public var loopbackUsers: Set<String> = ["guest"]
    /// How long a consumer may take to settle a message, where neither it nor its queue says so; nil for any time. RabbitMQ's
    /// `consumer_timeout`, with its default of 30 minutes.
    public var consumerTimeoutMilliseconds: UInt64? = 1_800_000
    /// What happens to a consumer that takes longer.
    public var consumerTimeoutResponse = ConsumerTimeoutResponse.notifyConsumer
    /// What happens to arguments of declares and consumers that begin with `x-` and that nobody knows.
    public var unknownArguments = UnknownArguments.accept
    /// Whether deaths count that clients write into headers.
    public var clientDeaths = ClientDeaths.ignore
    /// Offered in connection.tune.
    public var channelMax: UInt16 = 2047
    /// Offered in connection.tune, in bytes.
    public var frameMax: UInt32 = 131_072
    /// Offered in connection.tune; 0 for none.
    public var heartbeatSeconds: UInt16 = 60
    /// How long a client may take to open its connection.
    public var handshakeTimeoutMilliseconds: UInt64 = 10_000

    /// The longest time for a consumer: ten years, RabbitMQ's ceiling for every time.
    public static let consumerTimeoutMillisecondsMax: Int64 = 315_360_000_000

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    private static var machineMemoryBytes: Int {
        sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    }
}
