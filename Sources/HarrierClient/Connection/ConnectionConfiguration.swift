import AMQPProtocol
import NIOSSL

/// Which broker to connect to, as whom, and within which limits.
public struct ConnectionConfiguration: Sendable {
    /// A name or an address.
    public var host: String
    /// 5672 unless given, with TLS 5671.
    public var port: Int
    public var user = "guest"
    public var password = "guest"
    public var virtualHost = "/"
    /// TLS as it is to be spoken; `nil` for none.
    public var tls: TLSConfiguration?
    /// The name that the broker's certificate must carry, if it is not ``host``.
    public var tlsServerName: String?
    /// How long the way to a usable connection may take: name look-up, TCP, TLS and the AMQP handshake together.
    public var connectTimeoutMilliseconds: Int64 = 10_000
    /// Silence of two such intervals ends the connection, on either side. The broker may have it shorter. 0: none.
    public var heartbeatSeconds: UInt16 = 60
    /// The largest frame that is proposed to the broker, in bytes; at least 4096. Longer bodies are split.
    public var frameBytesMax = 131_072
    /// How many channels are proposed to the broker; 0 leaves it to the broker.
    public var channelMax: UInt16 = 2047
    /// How much may be received and not yet taken by consumers, in bytes, before the socket is read no further. It is
    /// read all the same while somebody waits for an answer of the broker.
    public var receiveBufferBytesMax = 16 << 20
    /// How much may wait to be sent, in bytes, before publishers are made to wait.
    public var sendBufferBytesMax = 1 << 20
    /// Shown by the broker's tools, to tell connections apart.
    public var connectionName: String?
    /// Sent to the broker beside the client's own `product`, `platform` and `capabilities`, or in their place.
    public var clientProperties: FieldTable = [:]
    /// Told what happens to the connection. Called on an event loop: must not block.
    public var onEvent: (@Sendable (ConnectionEvent) -> Void)?

    public init(host: String, port: Int? = nil, tls: TLSConfiguration? = nil) {
        self.host = host
        self.port = port ?? (tls == nil ? Self.defaultPort : Self.defaultPortWithTLS)
        self.tls = tls
    }

    static let defaultPort = 5672
    static let defaultPortWithTLS = 5671
}
