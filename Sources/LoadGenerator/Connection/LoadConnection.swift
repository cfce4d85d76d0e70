import HarrierClient
import NIOCore
import NIOPosix
import NIOSSL

/// A producer's or consumer's connection, as those see it who are not on its event loop.
struct LoadConnection<Handler: LoadConnectionHandler>: Sendable {
    /// Bytes for one read of the socket.
    private static var readBytes: Int { 1 << 18 }
    /// Reads in one turn of the event loop, before others get theirs.
    private static var readsPerTurn: UInt { 4 }
    /// What the socket has not taken, in bytes, above which nothing more is written: two writes.
    private static var waterMark: ChannelOptions.Types.WriteBufferWaterMark {
        .init(low: LoadPlan.Limit.writeBytes, high: 2 * LoadPlan.Limit.writeBytes)
    }

    let channel: any Channel
    let counters: LoadCounters
    private let handler: NIOLoopBound<Handler>

    /// Connects, and returns when the broker has answered all that sets the connection up.
    static func connect(
        on loop: LoadLoop, to configuration: ConnectionConfiguration, board: RunBoard,
        makeHandler: @escaping @Sendable (LoadConnectionSite, EventLoopPromise<Void>) -> Handler
    ) async throws -> LoadConnection {
        let counters = LoadCounters()
        let ready = loop.eventLoop.makePromise(of: Void.self)
        let timeout = TimeAmount.milliseconds(configuration.connectTimeoutMilliseconds)
        let timer = loop.eventLoop.scheduleTask(in: timeout) {
            ready.fail(
                LoadError.broker("the broker had not opened a connection after \(timeout.nanoseconds / 1_000_000) ms"))
        }
        defer { timer.cancel() }
        do {
            let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
            let connection = try await ClientBootstrap(group: loop.eventLoop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readBytes))
                .channelOption(.maxMessagesPerRead, value: readsPerTurn)
                .channelOption(.writeBufferWaterMark, value: waterMark)
                .connect(host: configuration.host, port: configuration.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let site = LoadConnectionSite(
                            configuration: configuration, counters: counters, recorders: loop.recorders.value,
                            board: board)
                        let handler = makeHandler(site, ready)
                        if let tls { try configuration.addTLS(tls, to: channel) }
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return LoadConnection(
                            channel: channel, counters: counters,
                            handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
            try await ready.futureResult.get()
            return connection
        } catch {
            ready.fail(error)
            throw error
        }
    }

    /// Has the handler do something, and does not wait for it.
    func perform(_ action: @escaping @Sendable (Handler) -> Void) {
        channel.eventLoop.execute { action(handler.value) }
    }

    /// What the event loop knows.
    func totals() async -> LoadTotals {
        let totals = channel.eventLoop.submit { handler.value.totals() }
        return (try? await totals.get()) ?? counters.snapshot()
    }
}
