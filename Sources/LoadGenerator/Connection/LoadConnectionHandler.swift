import AMQPProtocol
import HarrierClient
import NIOCore
import Synchronization

/// What producers' and consumers' connections have in common: they open, are set up, carry their load, and close. The
/// only handler of a connection above TLS. On its event loop only.
class LoadConnectionHandler: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The one channel of the connection.
    static let channelNumber: UInt16 = 1

    private enum Phase {
        case opening
        /// So many answers are awaited.
        case settingUp(answersLeft: Int)
        case running
        case closing
        case closed
    }

    let name: String
    let counters: LoadCounters
    let recorders: LoopRecorders
    private let board: RunBoard
    private let ready: EventLoopPromise<Void>
    private var phase = Phase.opening
    private var handshake: Handshake
    private var stream = FrameStream()
    private(set) var context: ChannelHandlerContext?
    private var methodScratch = WireBuffer()
    private var socketError: (any Error)?

    init(_ site: LoadConnectionSite, name: String, ready: EventLoopPromise<Void>) {
        self.name = name
        counters = site.counters
        recorders = site.recorders
        board = site.board
        handshake = Handshake(configuration: site.configuration, name: name)
        self.ready = ready
    }

    var frameMax: Int { handshake.frameMax }
    var isRunning: Bool { if case .running = phase { true } else { false } }

    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    // MARK: What producers and consumers do

    /// What is asked of the broker when the channel is to be opened. The broker answers each.
    func setUpMethods() -> [Method] { [] }

    /// Takes the whole frames at the front of the bytes, and returns how many bytes they are.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Int { bytes.count }

    /// A method that ``receive(_:)`` came upon and that is not about messages.
    func received(_ method: Method) throws(LoadError) {
        throw .protocolViolation("\(method.id), which is out of turn")
    }

    /// All that was there has been received.
    func burstEnded() {}

    /// The channel is closed in order, and the broker has dealt with all that was sent.
    func channelClosed() {}

    /// The socket takes bytes again.
    func becameWritable() {}

    /// A scheduled time has come.
    func scheduledTimeCame() {}

    /// What only the event loop knows.
    func totals() -> LoadTotals { counters.snapshot() }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(
            Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: Frame.protocolHeader)), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .closing = phase {
        } else {
            let reason = socketError.map { ": \($0)" } ?? ""
            let hint = handshake.isOpen ? "" : ": it may not accept user and password"
            fail(.broker("\(name): the broker closed the socket\(reason)\(hint)"))
        }
        phase = .closed
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socketError = socketError ?? error
        context.close(promise: nil)
    }

    /// The run is over, for all of its connections.
    func fail(_ error: LoadError) {
        switch phase {
        case .closing, .closed: return
        case .opening, .settingUp, .running: break
        }
        phase = .closing
        board.fail(error)
        ready.fail(error)
        context?.close(promise: nil)
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(LoadError) {
            try Self.unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(LoadError) in
                try stream.feed(bytes) { frames throws(LoadError) in
                    let taken = handshake.isOpen ? 0 : try receiveHandshake(frames)
                    guard handshake.isOpen else { return taken }
                    return taken + (try receive(UnsafeRawBufferPointer(rebasing: frames[taken...])))
                }
            }
        } catch {
            fail(.broker("\(name): \(error.message)"))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        burstEnded()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { becameWritable() }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduledTimeCame()
    }

    private func receiveHandshake(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Int {
        var cursor = FrameCursor(bytes)
        while let frame = try cursor.next() {
            guard frame.type == .method else { continue }
            let method = try frame.decodeMethod()
            if case .connectionClose = method {
                try receiveCommon(method)
                return bytes.count
            }
            for answer in try handshake.received(method) { send(answer, channel: 0) }
            guard handshake.isOpen else { continue }
            let methods = [.channelOpen(ChannelOpen())] + setUpMethods()
            phase = .settingUp(answersLeft: methods.count)
            for method in methods { send(method) }
            return cursor.consumed
        }
        return cursor.consumed
    }

    /// What any connection may be sent at any time, and answers that are awaited; anything else is the subclass's.
    func receiveCommon(_ method: Method) throws(LoadError) {
        switch method {
        case .connectionClose(let close):
            send(.connectionCloseOk(ConnectionCloseOk()), channel: 0)
            throw .broker("the broker closed the connection: \(close.replyCode.rawValue) \(close.replyText)")
        case .channelClose(let close):
            throw .broker("the broker closed the channel: \(close.replyCode.rawValue) \(close.replyText)")
        case .connectionBlocked: counters.blocked.wrappingAdd(1, ordering: .relaxed)
        case .connectionUnblocked: break
        case .channelCloseOk:
            phase = .closing
            channelClosed()
            send(.connectionClose(ConnectionClose(replyCode: .replySuccess, replyText: "Goodbye")), channel: 0)
        case .connectionCloseOk: context?.close(promise: nil)
        case .basicCancel(let cancel):
            throw .broker("the broker cancelled the consumer of queue \(cancel.consumerTag)")
        case .channelOpenOk, .confirmSelectOk, .basicQosOk, .basicConsumeOk: answered()
        default: try received(method)
        }
    }

    private func answered() {
        guard case .settingUp(let left) = phase else { return }
        phase = left == 1 ? .running : .settingUp(answersLeft: left - 1)
        if left == 1 { ready.succeed() }
    }

    // MARK: Output

    func send(_ method: Method, channel: UInt16 = LoadConnectionHandler.channelNumber) {
        methodScratch.clear()
        methodScratch.appendMethodFrame(channel: channel, method)
        send(methodScratch.bytes)
    }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard let context else { return }
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// Has ``scheduledTimeCame()`` called then.
    func schedule(at time: UInt64) -> NIOScheduledCallback? {
        // It fails only on an event loop that shuts down, where nothing is to come any more.
        try? context?.eventLoop.assumeIsolated().scheduleCallback(
            at: .uptimeNanoseconds(max(time, 1)), handler: self)
    }

    /// Closes channel and connection in order. The broker first deals with all that was sent.
    func closeInOrder() {
        guard isRunning else { return }
        send(.channelClose(ChannelClose(replyCode: .replySuccess, replyText: "Goodbye")))
    }
}
