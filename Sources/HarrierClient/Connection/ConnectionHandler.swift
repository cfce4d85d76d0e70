import AMQPProtocol
import NIOCore

/// The only handler of a connection above TLS: bytes from the socket to ``ConnectionCore``, and back. On the event loop
/// only.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How long the broker may take to answer connection.close, and the socket to take the last bytes.
    static let closeTimeout = TimeAmount.seconds(5)

    private let core: ConnectionCore
    private let handshakeDeadline: NIODeadline
    private var decoder: InboundDecoder
    private var context: ChannelHandlerContext?
    private var isInReadBurst = false
    /// The NIO channel wanted to read when it was not to be.
    private var isReadHeld = false
    /// The broker has sent what cannot be read; nothing behind it can be.
    private var isBroken = false
    private var isClosing = false
    private var closeDeadline: Scheduled<Void>?
    private var handshakeTimeout: Scheduled<Void>?
    private var socketError: (any Error)?
    private var heartbeat = HeartbeatMonitor()
    /// Half a heartbeat interval; `nil` before the handshake is done, and without heartbeats.
    private var tickInterval: TimeAmount?
    private var nextTick: NIOScheduledCallback?

    init(core: ConnectionCore, frameBytesMax: Int, handshakeDeadline: NIODeadline) {
        self.core = core
        self.handshakeDeadline = handshakeDeadline
        decoder = InboundDecoder(frameBytesMax: frameBytesMax)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        core.bell.listen(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        core.bell.listen(nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        core.happened { $0.connected() }
        handshakeTimeout = context.eventLoop.assumeIsolated().scheduleTask(deadline: handshakeDeadline) {
            self.core.happened { $0.handshakeTimedOut() }
            self.serveSocket()
        }
        serveSocket()
    }

    func channelInactive(context: ChannelHandlerContext) {
        for task in [handshakeTimeout, closeDeadline] { task?.cancel() }
        nextTick?.cancel()
        core.happened { [socketError] in $0.disconnected(socketError) }
    }

    /// Kept for the channel's end, which follows.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socketError = socketError ?? error
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isInReadBurst = true
        heartbeat.didRead()
        guard !isBroken else { return }
        do throws(AMQPException) {
            try Self.unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(AMQPException) in
                var rest = bytes
                while let event = try decoder.next(from: &rest) {
                    core.happened { $0.received(event) }
                }
            }
        } catch {
            isBroken = true
            core.happened { $0.violated(error) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isInReadBurst = false
        core.happened { $0.endBurst() }
        serveSocket()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        serveSocket()
    }

    func read(context: ChannelHandlerContext) {
        guard core.mayRead else {
            isReadHeld = true
            return
        }
        context.read()
    }
}

// MARK: - Serving the socket

extension ConnectionHandler {
    /// Does whatever there is to do: writes, goes on reading, closes. Called whenever some of that may have come up; in
    /// a burst of reads once, at its end.
    func serveSocket() {
        guard let context, !isInReadBurst else { return }
        let work = core.takeWork(canWrite: context.channel.isWritable)
        if let bytes = work.bytes {
            heartbeat.didWrite()
            context.writeAndFlush(Self.wrapOutboundOut(bytes), promise: nil)
            // The room that this has made may have let publishers in; their frames go in another turn.
            if !work.isAllTaken { core.bell.ring() }
        }
        if isReadHeld, core.mayRead {
            isReadHeld = false
            context.read()
        }
        if let limits = work.limits { opened(limits, context) }
        if work.isEnding { end(work, context) }
    }

    private func opened(_ limits: ConnectionLimits, _ context: ChannelHandlerContext) {
        handshakeTimeout?.cancel()
        handshakeTimeout = nil
        guard tickInterval == nil, limits.heartbeatSeconds > 0 else { return }
        let tickInterval = TimeAmount.milliseconds(Int64(limits.heartbeatSeconds) * 500)
        self.tickInterval = tickInterval
        scheduleTick(after: tickInterval, context)
    }

    private func end(_ work: ConnectionCore.SocketWork, _ context: ChannelHandlerContext) {
        if closeDeadline == nil {
            closeDeadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) {
                context.close(promise: nil)
            }
        }
        guard let end = work.end, !isClosing else { return }
        switch end {
        case .atOnce:
            isClosing = true
            context.close(promise: nil)
        case .afterWriting where work.isAllTaken:
            isClosing = true
            // Closing drops what has not been written. Writes end in their order, so this one ends when all have.
            let last = context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()))
            last.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        case .afterWriting: break
        }
    }
}

// MARK: - Heartbeats

extension ConnectionHandler: NIOScheduledCallbackHandler {
    private func scheduleTick(after interval: TimeAmount, _ context: ChannelHandlerContext) {
        // It fails only on an event loop that shuts down, where no heartbeats are needed.
        nextTick = try? context.eventLoop.assumeIsolated().scheduleCallback(in: interval, handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        guard let context, let tickInterval else { return }
        switch heartbeat.tick(isReading: !isReadHeld) {
        case .fine: break
        case .sendHeartbeat: core.happened { $0.sendHeartbeat() }
        case .peerIsGone: core.happened { $0.heartbeatMissed() }
        }
        serveSocket()
        scheduleTick(after: tickInterval, context)
    }
}
