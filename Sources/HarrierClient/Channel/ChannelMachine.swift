import AMQPProtocol
import DequeModule

/// One channel, without any I/O: what has been asked for and is not answered, who consumes, what is not confirmed. It
/// is told what is sent and what is received, and says what to do about it.
struct ChannelMachine {
    enum Action {
        case none
        /// Goes back to the broker at once.
        case send(Method)
        case complete(CallID, Method)
        case completeGet(CallID, Delivery)
        case settle([ConfirmLedger.Settlement])
        case deliver(Delivery, DeliveryBuffer)
        /// A message came back that nobody waits for.
        case reportReturn(ReturnedMessage)
        /// The broker has ended a consumer, and may want that confirmed.
        case failConsumer(DeliveryBuffer, AMQPClientError, answer: Method?)
        /// A consumer has ended as this side wished.
        case finishConsumer(DeliveryBuffer, CallID?, Method)
        /// The channel is over: everybody who waits (see ``removeWaiters()``) is to be told.
        case end(AMQPClientError, answer: Method?)
        case violation(AMQPException)
    }

    enum Phase {
        case opening
        case open
        /// channel.close has been sent; answers that are under way still come in.
        case closing
        case closed(AMQPClientError)
        /// The broker's channel.close crossed this side's, whose answer is still to come.
        case closedAwaitingCloseOk(AMQPClientError)
    }

    /// The prefetch of consumers that nobody has set one for, in messages: enough to keep a consumer busy over a round
    /// trip, and little enough that the memory stays bounded.
    static let prefetchDefault: UInt16 = 250

    var phase = Phase.opening
    var pending: Deque<PendingReply> = []
    private var closeCalls: [CallID] = []
    var consumers: [WireName: DeliveryBuffer] = [:]
    /// Present from the first confirm.select on.
    var ledger: ConfirmLedger?
    /// Publishes that wait for room, in the order in which they were asked for.
    private var queuedPublishes: Deque<QueuedPublish> = []
    var isFlowStopped = false
    private let confirmWindowMax: Int
    /// Whether a prefetch has been asked for.
    private(set) var hasPrefetch = false

    init(confirmWindowMax: Int) {
        self.confirmWindowMax = confirmWindowMax
    }

    /// Whether the broker is done with the channel, so that its number can be used for another.
    var isNumberFree: Bool {
        if case .closed = phase { true } else { false }
    }

    var isConfirming: Bool { ledger != nil }
}

// MARK: - What this side does

extension ChannelMachine {
    /// Throws why the channel cannot be used. While it is opening, requests may follow at once.
    func checkOpen() throws(AMQPClientError) {
        switch phase {
        case .opening, .open: return
        case .closing: throw .channelClosed
        case .closed(let error), .closedAwaitingCloseOk(let error): throw error
        }
    }

    /// Registers a request that is sent now; the channel must be open.
    mutating func request(_ method: MethodID, call: CallID?, effect: PendingReply.Effect = .none) {
        pending.append(PendingReply(request: method, call: call, effect: effect))
        if method == .basicQos { hasPrefetch = true }
    }

    /// Publishes are numbered from now on. True if confirm.select is to be sent: only the first time.
    mutating func startConfirming() -> Bool {
        guard ledger == nil else { return false }
        ledger = ConfirmLedger(windowMax: confirmWindowMax)
        return true
    }

    /// Whether a publish may be sent at once: there is room, and none waits before it.
    var canPublish: Bool { hasRoom && queuedPublishes.isEmpty }

    private var hasRoom: Bool { !isFlowStopped && (ledger?.hasRoom ?? true) }

    /// Must be called for every publish, in the order of sending; there must be room.
    mutating func recordPublish(call: CallID?, fingerprint: ReturnFingerprint?) {
        ledger?.recordPublish(call: call, fingerprint: fingerprint)
    }

    mutating func queue(_ publish: QueuedPublish) {
        queuedPublishes.append(publish)
    }

    /// The publish that is to be sent now, if there is one and room for it.
    mutating func nextQueuedPublish() -> QueuedPublish? {
        hasRoom ? queuedPublishes.popFirst() : nil
    }

    /// See ``ConfirmLedger/waitForAll(_:)``; nothing to wait for outside confirm mode.
    mutating func waitForConfirms(_ call: CallID) -> Bool {
        ledger?.waitForAll(call) ?? true
    }

    mutating func takePublishFailure() -> AMQPClientError? {
        ledger?.takeFailure()
    }

    func hasConsumer(_ tag: String) -> Bool { consumers[WireName(tag)] != nil }

    /// channel.close is sent. The channel must be open.
    mutating func close() {
        phase = .closing
    }

    /// Begins to wait for the answer to channel.close. False if the channel is over already.
    mutating func waitForClose(_ call: CallID) -> Bool {
        guard case .closing = phase else { return false }
        closeCalls.append(call)
        return true
    }

    /// The caller waits no longer. Numbers and answers that are due to it are kept count of.
    mutating func forget(_ call: CallID) {
        for index in pending.indices where pending[index].call == call { pending[index].call = nil }
        queuedPublishes.removeAll { $0.call == call }
        ledger?.forget(call)
        closeCalls.removeAll { $0 == call }
    }

    /// The connection is over, and the channel with it.
    mutating func connectionEnded(_ error: AMQPClientError) {
        switch phase {
        case .opening, .open, .closing: phase = .closed(error)
        case .closed, .closedAwaitingCloseOk: break
        }
    }

    /// Everybody who waits, when the channel is over. Those who waited for just that have not failed.
    mutating func removeWaiters() -> (failed: [CallID], closers: [CallID], consumers: [DeliveryBuffer]) {
        defer {
            pending = []
            queuedPublishes = []
            consumers = [:]
            closeCalls = []
        }
        let failed = pending.compactMap(\.call) + queuedPublishes.map(\.call) + (ledger?.removeAll() ?? [])
        return (failed, closeCalls, Array(consumers.values))
    }
}
