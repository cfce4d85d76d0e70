/// Who is at the other end.
public struct ConnectionPeer: Sendable {
    public var host: String
    public var port: Int
    public var localHost: String
    public var localPort: Int
    public var isTLS: Bool
    /// Whether the peer is on this machine: some users may log in from here only.
    public var isLoopback: Bool
    /// The name in the client's certificate, if it showed one that was verified: what SASL EXTERNAL logs in.
    public var tlsPeerName: String?

    public init(
        host: String,
        port: Int,
        localHost: String,
        localPort: Int,
        isTLS: Bool,
        isLoopback: Bool,
        tlsPeerName: String? = nil
    ) {
        self.host = host
        self.port = port
        self.localHost = localHost
        self.localPort = localPort
        self.isTLS = isTLS
        self.isLoopback = isLoopback
        self.tlsPeerName = tlsPeerName
    }

    /// As logs name the connection: `127.0.0.1:50312 -> 127.0.0.1:5672`.
    public var name: String { "\(host):\(port) -> \(localHost):\(localPort)" }
}
