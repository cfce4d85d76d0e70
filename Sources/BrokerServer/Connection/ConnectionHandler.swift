import AMQPEngine
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// One client's socket: carries bytes between its channel and a `ServerConnection`, which does all the thinking.
///
/// The only handler of a connection, after TLS if there is TLS. Everything is called on the core's loop. The engine is
/// called from a read of the socket or from `attend`, never from within one of its own calls: sending can change the
/// channel's writability, and the engine can ask for input to be resumed, in the midst of a burst.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// No connection for the engine yet: the TLS handshake is under way.
        case preparing
        case open
        /// The last byte has been given to the channel. Input is thrown away until the peer closes its side.
        case closing
        case closed
    }

    private let core: CoreLoop
    private let tls: TLSListener?
    private var phase = Phase.preparing
    private var context: ChannelHandlerContext?
    private var connection: ServerConnection?
    /// Kept, since a channel that has been lost does not know it any more.
    private var remoteAddress: SocketAddress?

    private var backlog = ReceiveBacklog()
    private var isReading = true
    private var isInputClosed = false
    private var isKnownWritable = true

    private var isAwaitingAttention = false
    private var isResumeRequested = false
    private var isEndRequested = false
    /// The end of the handshake, of lingering, or of waiting for input: there is one of them at a time.
    private var deadline: Scheduled<Void>?

    init(core: CoreLoop, tls: TLSListener?) {
        self.core = core
        self.tls = tls
    }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        guard core.add(self) else { return context.close(promise: nil) }
        self.context = context
        remoteAddress = context.remoteAddress
        if tls == nil {
            open(context, tlsPeerName: nil)
        } else {
            setDeadline(SocketTuning.tlsHandshakeMilliseconds) { $0.cutOff() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        deadline?.cancel()
        self.context = nil
        // A write that fails closes the channel at once, in the midst of a call of the engine.
        requestAttention()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown:
            // An end without TLS's own goodbye, as many clients end: the end itself is reported as well.
            return
        case is IOError:
            core.logger.debug("connection lost", metadata: metadata(for: error))
        default:
            core.logger.info("connection failed", metadata: metadata(for: error))
        }
        context.close(promise: nil)
    }

    private func metadata(for error: any Error) -> Logger.Metadata {
        ["peer": "\(remoteAddress?.ipAddress ?? "unknown"):\(remoteAddress?.port ?? 0)", "error": "\(error)"]
    }

    private func open(_ context: ChannelHandlerContext, tlsPeerName: String?) {
        phase = .open
        let peer = ConnectionPeer(channel: context.channel, isTLS: tls != nil, tlsPeerName: tlsPeerName)
        core.beginTurn()
        connection = ServerConnection(broker: core.broker, transport: self, peer: peer)
    }

    /// Closes the socket now, whatever has not been sent.
    func cutOff() {
        guard let context else { return }
        // TLS would wait for the peer's goodbye; from its own context on, the close passes it by.
        let tlsContext = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tlsContext ?? context).close(mode: .all, promise: nil)
    }

    /// Whether the engine does not know of the connection yet, so that nobody but this handler can end it.
    var isPreparing: Bool { phase == .preparing }

    private func setDeadline(_ milliseconds: Int64, _ action: @escaping (ConnectionHandler) -> Void) {
        deadline?.cancel()
        deadline = core.loop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) { action(self) }
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        Self.unwrapInboundIn(data).withUnsafeReadableBytes { receive($0) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(_) where phase == .preparing:
            deadline?.cancel()
            open(context, tlsPeerName: tls?.peerName(of: context.channel))
        case ChannelEvent.inputClosed:
            inputClosed()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open, let connection else { return }
        core.beginTurn()
        var rest = bytes
        if !backlog.isEmpty {
            rest = backlog.splice(rest, while: { connection.acceptsInput }, to: connection.receive)
        }
        if !rest.isEmpty, connection.acceptsInput {
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(connection.receive(rest)))
        }
        keep(rest, of: connection)
    }

    /// The engine takes input again: it gets first what it left.
    private func resume() {
        guard phase == .open, let connection, connection.acceptsInput else { return }
        backlog.present(to: connection.receive)
        keep(UnsafeRawBufferPointer(start: nil, count: 0), of: connection)
        if isInputClosed { inputClosed() }
    }

    private func keep(_ rest: UnsafeRawBufferPointer, of connection: ServerConnection) {
        // The engine may have closed while it received: what follows its last word is nothing to it.
        guard phase == .open else { return backlog.removeAll() }
        backlog.append(rest)
        setReading(connection.acceptsInput)
    }

    private func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let context else { return }
        self.isReading = isReading
        // It fails only on a closed channel, which does not read anyway.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    /// The peer will send no more. AMQP knows no half-open connection, so this one is over, but not before everything
    /// that came before the end has been carried out and answered.
    private func inputClosed() {
        isInputClosed = true
        guard phase == .open, let connection else {
            context?.close(promise: nil)
            return
        }
        if connection.acceptsInput {
            isEndRequested = true
            requestAttention()
        } else {
            setDeadline(SocketTuning.unfinishedInputMilliseconds) { $0.cutOff() }
        }
    }

    private func tellClosed() {
        backlog.removeAll()
        connection?.transportClosed()
        connection = nil
    }

    // MARK: Between bursts

    private func requestAttention() {
        guard !isAwaitingAttention else { return }
        isAwaitingAttention = true
        core.requestAttention(for: self)
    }

    /// Does what came up since the last burst ended. Called by the core between two bursts.
    func attend() {
        isAwaitingAttention = false
        if phase == .closed {
            tellClosed()
            return core.remove(self)
        }
        guard phase == .open, let context, let connection else { return }
        if isEndRequested {
            tellClosed()
            return close()
        }
        let isWritable = context.channel.isWritable
        if isWritable != isKnownWritable {
            isKnownWritable = isWritable
            connection.writabilityChanged(isWritable: isWritable)
        }
        if isResumeRequested {
            isResumeRequested = false
            resume()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        requestAttention()
    }
}

// MARK: - What the engine asks for

extension ConnectionHandler: ConnectionTransport {
    func send(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open, let context else { return }
        context.writeAndFlush(Self.wrapOutboundOut(core.outputBuffer(holding: bytes)), promise: nil)
    }

    func resumeReceiving() {
        isResumeRequested = true
        requestAttention()
    }

    func close() {
        guard phase == .open, let context else { return }
        // What is left of the backlog goes when whoever is presenting it returns (`keep`), or with the channel.
        phase = .closing
        // Input is read on to see the peer close its side.
        setReading(true)
        setDeadline(SocketTuning.lingerMilliseconds) { $0.cutOff() }
        if isInputClosed {
            // Nothing more comes, so the socket can go as soon as everything is sent.
            let sent = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: sent)
            sent.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
        } else {
            context.close(mode: .output, promise: nil)
        }
    }
}
