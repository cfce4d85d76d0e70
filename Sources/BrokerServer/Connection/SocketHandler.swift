import AMQPEngine
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// One client's socket: the only handler of a connection's channel, after TLS if there is TLS. Everything is called on the
/// channel's loop.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let owner: any SocketOwner
    private let tls: TLSListener?
    private let logger: Logger
    private var context: ChannelHandlerContext?
    /// Kept, since a channel that has been lost does not know it any more.
    private var remoteAddress: SocketAddress?
    private var isOpened = false
    private var isReading = true
    private var handshakeDeadline: Scheduled<Void>?

    init(owner: any SocketOwner, tls: TLSListener?, logger: Logger) {
        self.owner = owner
        self.tls = tls
        self.logger = logger
    }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress
        guard owner.connected(self) else { return context.close(promise: nil) }
        guard tls != nil else { return open(context, tlsPeerName: nil) }
        handshakeDeadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(SocketTuning.tlsHandshakeMilliseconds)
        ) { self.cutOff() }
    }

    private func open(_ context: ChannelHandlerContext, tlsPeerName: String?) {
        isOpened = true
        owner.opened(ConnectionPeer(channel: context.channel, isTLS: tls != nil, tlsPeerName: tlsPeerName))
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshakeDeadline?.cancel()
        self.context = nil
        owner.closed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown:
            // An end without TLS's own goodbye, as many clients end: the end itself is reported as well.
            return
        case is IOError:
            logger.debug("connection lost", metadata: metadata(for: error))
        default:
            logger.info("connection failed", metadata: metadata(for: error))
        }
        context.close(promise: nil)
    }

    private func metadata(for error: any Error) -> Logger.Metadata {
        ["peer": "\(remoteAddress?.ipAddress ?? "unknown"):\(remoteAddress?.port ?? 0)", "error": "\(error)"]
    }

    // MARK: Events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        owner.received(Self.unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(_) where !isOpened:
            handshakeDeadline?.cancel()
            open(context, tlsPeerName: tls?.peerName(of: context.channel))
        case ChannelEvent.inputClosed:
            if isOpened { owner.inputClosed() } else { context.close(promise: nil) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        owner.writabilityChanged()
    }

    // MARK: What the owner asks for

    func send(_ buffer: ByteBuffer) {
        context?.writeAndFlush(Self.wrapOutboundOut(buffer), promise: nil)
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let context else { return }
        self.isReading = isReading
        // It fails only on a closed channel, which does not read anyway.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    func closeOutput() {
        context?.close(mode: .output, promise: nil)
    }

    func closeWhenSent() {
        guard let context else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: sent)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    func cutOff() {
        guard let context else { return }
        // TLS would wait for the peer's goodbye; from its own context on, the close passes it by.
        let tlsContext = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tlsContext ?? context).close(mode: .all, promise: nil)
    }
}
