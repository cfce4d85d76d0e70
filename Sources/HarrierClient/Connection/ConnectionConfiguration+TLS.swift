import NIOCore
import NIOSSL

extension ConnectionConfiguration {
    /// Puts TLS in front of a connection to the broker; on the channel's event loop.
    package func addTLS(_ context: NIOSSLContext, to channel: any Channel) throws {
        // A certificate for an address is compared with the address of the socket, and no name is sent.
        let name = tlsServerName ?? host
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}
