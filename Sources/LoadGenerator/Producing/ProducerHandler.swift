import AMQPProtocol
import NIOCore
import Synchronization

/// One producer: publishes as fast as its limits let it, in writes of many messages.
///
/// It is driven by what may have changed a limit: the start, confirms, a socket that takes bytes again, a scheduled
/// time.
final class ProducerHandler: LoadConnectionHandler {
    /// Writes in one turn of the event loop; then others get theirs, and this connection is read.
    private static let writesPerTurn = 8
    /// Between two turns, if the socket takes all. An event loop looks at its sockets only when nothing is due at once:
    /// who asks for another turn without a pause keeps them waiting.
    private static let pauseNanoseconds: UInt64 = 10_000
    /// Buffers that are used in turn, so that one is free again when it is needed next: what the socket has not taken
    /// is bounded by the high water mark, which is two writes.
    private static let bufferCount = 4

    private let plan: LoadPlan
    private let index: Int
    private let run: UInt64
    private let contents: @Sendable (_ frameMax: Int) -> MessageContents

    private enum Phase {
        case idle
        case publishing
        /// All is sent; what is left are confirms.
        case draining
        case done
    }

    private var phase = Phase.idle
    private var encoder: PublishEncoder?
    private let window: ConfirmWindow?
    private var pace: RateSchedule?
    private var deadline: UInt64 = .max
    private var quota: Int
    private var published = 0
    private var publishedBytes = 0
    private var returned = 0
    /// A full window waits for so much room before the next write: fewer and larger ones.
    private var roomLeast = 1
    private var lateMax: UInt64 = 0
    private var publishEnd: UInt64 = 0
    /// The broker has stopped the flow (channel.flow).
    private var isStopped = false
    private var turnCallback: NIOScheduledCallback?
    private var rateCallback: NIOScheduledCallback?
    private var deadlineCallback: NIOScheduledCallback?
    private var buffers: [ByteBuffer] = []
    private var nextBuffer = 0
    private var otherMethods: [Method] = []

    init(
        _ site: LoadConnectionSite, plan: LoadPlan, index: Int, run: UInt64,
        contents: @escaping @Sendable (_ frameMax: Int) -> MessageContents, ready: EventLoopPromise<Void>
    ) {
        self.plan = plan
        self.index = index
        self.run = run
        self.contents = contents
        quota = plan.messageCount(ofProducer: index)
        window = plan.confirmWindow.map { ConfirmWindow(limit: $0) }
        super.init(site, name: "producer \(index)", ready: ready)
    }

    override func setUpMethods() -> [Method] {
        let encoder = PublishEncoder(
            exchange: plan.exchange, routingKeys: plan.routingKeys(ofProducer: index), isMandatory: plan.isMandatory,
            channel: Self.channelNumber, contents: contents(frameMax), stamp: BodyStamp(producer: index, run: run))
        self.encoder = encoder
        if let limit = plan.confirmWindow, plan.producerRate == nil {
            roomLeast = max(1, min(limit / 4, encoder.messagesPerWrite))
        }
        return plan.confirmWindow == nil ? [] : [.confirmSelect(ConfirmSelect())]
    }

    /// Begins to publish.
    func begin(at start: UInt64) {
        guard isRunning, phase == .idle, let context else { return }
        phase = .publishing
        buffers = (0..<Self.bufferCount).map { _ in context.channel.allocator.buffer(capacity: 0) }
        pace = plan.producerRate.map { RateSchedule(start: start, perSecond: $0) }
        if let seconds = plan.seconds {
            deadline = start + UInt64((plan.warmUpSeconds + seconds) * 1e9)
            deadlineCallback = schedule(at: deadline)
        }
        publish()
    }

    /// Publishes no more.
    func stop() {
        switch phase {
        case .idle, .publishing: finish()
        case .draining, .done: break
        }
    }

    override func totals() -> LoadTotals {
        var totals = super.totals()
        totals.lateNanosecondsMax = lateMax
        totals.publishEnd = publishEnd
        return totals
    }

    override func becameWritable() { publish() }
    override func scheduledTimeCame() { publish() }

    // MARK: Publishing

    private func publish() {
        guard phase == .publishing, let context else { return }
        for _ in 0..<Self.writesPerTurn {
            // Whoever makes room calls again: the socket, the broker.
            let now = Self.now()
            guard published < quota, now < deadline else { return finish() }
            guard context.channel.isWritable, !isStopped else { return }
            let allowance = allowance(at: now)
            guard allowance > 0 else { return }
            write(allowance, at: now, context)
        }
        turnCallback?.cancel()
        turnCallback = schedule(at: Self.now() + Self.pauseNanoseconds)
    }

    /// How many messages may go now.
    private func allowance(at now: UInt64) -> Int {
        var allowance = quota - published
        if let pace {
            let dueTime = pace.dueTime(ofMessage: published)
            guard dueTime <= now else {
                rateCallback?.cancel()
                rateCallback = schedule(at: dueTime)
                return 0
            }
            lateMax = max(lateMax, now - dueTime)
            allowance = min(allowance, pace.dueCount(at: now) - published)
        }
        if let window {
            let room = window.room
            guard room >= roomLeast || window.outstanding == 0 else { return 0 }
            allowance = min(allowance, room)
        }
        return allowance
    }

    private func write(_ messageCount: Int, at now: UInt64, _ context: ChannelHandlerContext) {
        buffers[nextBuffer].clear()
        guard let batch = encoder?.encode(upTo: messageCount, at: now, into: &buffers[nextBuffer]) else { return }
        window?.sent(batch.messages, at: now)
        published += batch.messages
        publishedBytes += batch.bodyBytes
        counters.publishedBytes.store(publishedBytes, ordering: .relaxed)
        counters.published.store(published, ordering: .releasing)
        context.writeAndFlush(Self.wrapOutboundOut(buffers[nextBuffer]), promise: nil)
        nextBuffer = nextBuffer + 1 == buffers.count ? 0 : nextBuffer + 1
    }

    private func finish() {
        phase = .draining
        for callback in [rateCallback, deadlineCallback, turnCallback] { callback?.cancel() }
        finishIfConfirmed()
    }

    private func finishIfConfirmed() {
        guard phase == .draining, (window?.outstanding ?? 0) == 0 else { return }
        phase = .done
        if window != nil, published > 0 { publishEnd = Self.now() }
        closeInOrder()
    }

    override func channelClosed() {
        if window == nil, published > 0 { publishEnd = Self.now() }
        counters.isDone.store(true, ordering: .releasing)
    }

    // MARK: Input

    override func receive(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Int {
        let now = Self.now()
        var cursor = FrameCursor(bytes)
        while let frame = try cursor.next() {
            // Contents are those of messages that came back.
            guard frame.type == .method else { continue }
            switch frame.method {
            case .basicAck, .basicNack: try settle(frame, now)
            case .basicReturn: returned += 1
            default: otherMethods.append(try frame.decodeMethod())
            }
        }
        recorders.confirm.endRun()
        if let window {
            counters.nacked.store(window.nacked, ordering: .relaxed)
            counters.confirmed.store(window.confirmed, ordering: .relaxed)
        }
        counters.returned.store(returned, ordering: .relaxed)
        try receiveOthers()
        return cursor.consumed
    }

    private func settle(_ frame: RawFrame, _ now: UInt64) throws(LoadError) {
        let arguments = frame.arguments
        guard let window, arguments.count == 9 else {
            throw .protocolViolation("\(frame.method), which is out of turn")
        }
        let tag = UInt64(bigEndian: arguments.loadUnaligned(as: UInt64.self))
        try window.settle(
            tag, multiple: arguments[8] & 1 != 0, isNack: frame.method == .basicNack, at: now,
            recording: &recorders.confirm)
    }

    private func receiveOthers() throws(LoadError) {
        guard !otherMethods.isEmpty else { return }
        let methods = otherMethods
        otherMethods = []
        for method in methods { try receiveCommon(method) }
    }

    override func received(_ method: Method) throws(LoadError) {
        guard case .channelFlow(let flow) = method else { return try super.received(method) }
        isStopped = !flow.active
        send(.channelFlowOk(ChannelFlowOk(active: flow.active)))
    }

    override func burstEnded() {
        publish()
        finishIfConfirmed()
    }
}
