import AMQPProtocol
import NIOCore
import Synchronization

/// One consumer.
final class ConsumerHandler: LoadConnectionHandler {
    /// Deliveries that no full interval of acks has come to are acknowledged when it has been quiet for so long.
    private static let quietNanoseconds: UInt64 = 50_000_000

    private let plan: LoadPlan
    private let queues: [Int]
    private var ledger: DeliveryLedger
    private var pace: RateSchedule?
    private var isReading = true
    private var rateCallback: NIOScheduledCallback?
    private var quietCallback: NIOScheduledCallback?
    private var deliveryEnd: UInt64 = 0

    init(_ site: LoadConnectionSite, plan: LoadPlan, index: Int, run: UInt64, ready: EventLoopPromise<Void>) {
        self.plan = plan
        queues = plan.queues(ofConsumer: index)
        ledger = DeliveryLedger(
            channel: Self.channelNumber, queueCount: queues.count, producers: plan.producers, run: run,
            checksRun: plan.producers > 0, ackInterval: Self.ackInterval(of: plan))
        super.init(site, name: "consumer \(index)", ready: ready)
    }

    /// A broker that has sent as many as the prefetch allows sends nothing before an ack.
    private static func ackInterval(of plan: LoadPlan) -> Int? {
        guard case .manual(let interval) = plan.acknowledgement else { return nil }
        return plan.prefetch == 0 ? interval : min(interval, Int(plan.prefetch))
    }

    override func setUpMethods() -> [Method] {
        var methods: [Method] = []
        if plan.prefetch > 0 { methods.append(.basicQos(BasicQos(prefetchCount: plan.prefetch))) }
        // With producers, consumers are there first; a backlog waits for the start of the clock.
        if plan.producers > 0 { methods += consumeMethods }
        return methods
    }

    private var consumeMethods: [Method] {
        queues.indices.map { index in
            .basicConsume(
                BasicConsume(
                    queue: plan.queueName(queues[index]), consumerTag: "\(index)",
                    noAck: plan.acknowledgement == .automatic))
        }
    }

    /// The clock has started.
    func begin(at start: UInt64) {
        guard isRunning else { return }
        pace = plan.consumerRate.map { RateSchedule(start: start, perSecond: $0) }
        if plan.producers == 0 { for method in consumeMethods { send(method) } }
        if plan.acknowledgement != .automatic { awaitQuiet() }
    }

    /// Consumes no more.
    func stop() {
        quietCallback?.cancel()
        rateCallback?.cancel()
        resumeReading()
        sendAcks(all: true)
        closeInOrder()
    }

    override func totals() -> LoadTotals {
        var totals = super.totals()
        totals.redelivered = ledger.redelivered
        totals.orderErrors = ledger.orderErrors
        totals.deliveryEnd = deliveryEnd
        return totals
    }

    override func receive(_ bytes: UnsafeRawBufferPointer) throws(LoadError) -> Int {
        let now = Self.now()
        let before = ledger.delivered
        let taken = try ledger.receive(bytes, at: now, recording: &recorders.delivery)
        if ledger.delivered != before {
            deliveryEnd = now
            counters.deliveredBytes.store(ledger.bodyBytes, ordering: .relaxed)
            counters.foreign.store(ledger.foreign, ordering: .relaxed)
            counters.delivered.store(ledger.delivered, ordering: .relaxed)
        }
        if !ledger.otherMethods.isEmpty {
            let methods = ledger.otherMethods
            ledger.otherMethods = []
            for method in methods { try receiveCommon(method) }
        }
        return taken
    }

    override func burstEnded() {
        sendAcks(all: false)
        if let pace, isReading, ledger.delivered > pace.dueCount(at: Self.now()) { pauseReading(pace) }
    }

    private func sendAcks(all: Bool) {
        if all { ledger.acknowledgeRest() }
        guard !ledger.acks.isEmpty else { return }
        send(ledger.acks.bytes)
        ledger.acks.clear()
    }

    // MARK: Scheduled

    override func scheduledTimeCame() {
        let now = Self.now()
        if !isReading, let pace, ledger.delivered <= pace.dueCount(at: now) { resumeReading() }
        guard plan.acknowledgement != .automatic, isRunning else { return }
        if now >= deliveryEnd + Self.quietNanoseconds { sendAcks(all: true) }
        awaitQuiet()
    }

    private func awaitQuiet() {
        quietCallback?.cancel()
        quietCallback = schedule(at: Self.now() + Self.quietNanoseconds)
    }

    /// The broker's bytes stay in the sockets' buffers, and then with the broker.
    private func pauseReading(_ pace: RateSchedule) {
        setReading(false)
        rateCallback?.cancel()
        rateCallback = schedule(at: pace.dueTime(ofMessage: ledger.delivered))
    }

    private func resumeReading() {
        if !isReading { setReading(true) }
    }

    private func setReading(_ isReading: Bool) {
        self.isReading = isReading
        // It fails only on a closed channel, which does not read anyway.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
