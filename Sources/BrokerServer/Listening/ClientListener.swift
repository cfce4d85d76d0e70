import Logging
import NIOCore
import NIOPosix

/// Opens the sockets that AMQP clients connect to.
struct ClientListener {
    /// The loops that clients' sockets live on: the core's, or the I/O threads'.
    let group: any EventLoopGroup
    let core: NIOLoopBound<CoreLoop>
    let ioThreads: [IOThread]
    let logger: Logger

    /// Binds and listens; the channel accepts clients until it is closed. Throws `ListenError`.
    func open(_ name: String, host: String, port: Int, tls: TLSListener?) async throws -> (any Channel, Listener) {
        let (core, ioThreads, logger) = (core, ioThreads, logger)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: SocketTuning.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        AcceptBackoffHandler(), AcceptFailureLog(logger: logger))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: SocketTuning.readsPerTurn)
            .childChannelOption(.recvAllocator, value: SocketTuning.receiveAllocator)
            .childChannelOption(.writeBufferWaterMark, value: SocketTuning.writeMarksBytes)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(tls.makeHandler()) }
                    let thread = ioThreads.first { $0.loop === channel.eventLoop }
                    let owner: any SocketOwner = thread?.makeRelay() ?? ConnectionDriver(core: core.value)
                    try pipeline.addHandler(SocketHandler(owner: owner, tls: tls, logger: logger))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            return (channel, Listener(name: name, host: host, port: channel.localAddress?.port ?? port))
        } catch {
            throw ListenError(Listener(name: name, host: host, port: port), cause: error)
        }
    }
}
