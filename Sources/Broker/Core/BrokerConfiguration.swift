import SegmentLog

/// What the broker is started with.
public struct BrokerConfiguration: Sendable {
    /// Folder of the segment log. Made if it is not there; locked while the broker runs.
    public var dataDirectory: String
    /// When a confirm may be sent.
    public var sync: SyncPolicy = .sync
    /// Size of the page cache in bytes.
    public var pageCacheBytes = 256 << 20
    /// Largest body that is taken, in bytes; more is refused with 406.
    public var messageBytesMax = 16 << 20
    /// Users that may log in from this machine only, as RabbitMQ's `loopback_users`.
    public var loopbackUsers: Set<String> = ["guest"]
    /// Offered in connection.tune.
    public var channelMax: UInt16 = 2047
    /// Offered in connection.tune, in bytes.
    public var frameMax: UInt32 = 131_072
    /// Offered in connection.tune; 0 for none.
    public var heartbeatSeconds: UInt16 = 60
    /// How long a client may take to open its connection.
    public var handshakeTimeoutMilliseconds: UInt64 = 10_000

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }
}
