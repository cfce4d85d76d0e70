import AMQPEngine
import NIOCore

extension ConnectionPeer {
    /// Both ends of a connected channel.
    init(channel: any Channel, isTLS: Bool, tlsPeerName: String?) {
        let remote = channel.remoteAddress
        let local = channel.localAddress
        let host = remote?.ipAddress ?? "unknown"
        self.init(
            host: host,
            port: remote?.port ?? 0,
            localHost: local?.ipAddress ?? "unknown",
            localPort: local?.port ?? 0,
            isTLS: isTLS,
            isLoopback: Self.isLoopback(host),
            tlsPeerName: tlsPeerName
        )
    }

    /// Whether a numeric address is this machine's own: 127.0.0.0/8, `::1`, and the former as a socket for both
    /// families writes it.
    static func isLoopback(_ address: String) -> Bool {
        address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
    }
}
