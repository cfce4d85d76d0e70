import Routing
import SegmentLog

/// Moves the messages that a walk comes by, as long as the task wants it.
final class RedriveMover: WalkVisitor {
    /// Why the walk ends before its end.
    enum Stop {
        /// The task is not running any more.
        case unwanted
        /// Something is not so that it could go on; what, unless that is how fast it is to go.
        case later(nanoseconds: UInt64, reason: String? = nil)
        /// The first messages have been moved: it is to be seen whether they come back.
        case canary
    }

    private static let busyNanoseconds: UInt64 = 20_000_000
    private static let fullNanoseconds: UInt64 = 100_000_000

    private let runner: RedriveRunner
    private let host: VirtualHost
    private let core: BrokerCore
    private let routing: RedriveRouting
    private let range: RedriveRange
    private let sample: RedriveSample?
    private var gate: FilterGate
    private let undecidedBefore: Int
    private(set) var stop: Stop?
    private var isChanged = false

    init(_ runner: RedriveRunner, _ gate: FilterGate, _ session: Session) {
        self.runner = runner
        host = session.virtualHost
        core = host.core
        routing = RedriveRouting(
            runner.task.request, runner.task.stamp, session)
        range = runner.task.range
        sample = runner.task.request.options.sample
        self.gate = gate
        undecidedBefore = runner.task.undecided
    }

    func visit(_ message: WalkedMessage) -> WalkStep {
        guard runner.task.status == .running else { return stop(.unwanted) }
        if let step = range.stepIfOutside(message) { return step }
        if let stop = mustStop() { return self.stop(stop) }
        if message.queue.isMarkedForDelivery {
            // Consumers get first what they can take: nothing that is looked at below is taken in between then.
            message.queue.deliverReady()
            guard isThere(message), case .here(let view) = core.messages.access(message.entry.handle)
            else { return .goOn }
            return consider(
                WalkedMessage(
                    entry: message.entry, state: message.state, view: view, queue: message.queue,
                    undeliverableDeath: message.undeliverableDeath))
        }
        return consider(message)
    }

    /// Whether it is still in its queue as the walk has found it.
    private func isThere(_ message: WalkedMessage) -> Bool {
        let place = message.entry.place
        guard !message.queue.isDeleted, message.queue.ready.isLive(place) else { return false }
        return (message.state == .ready) != message.queue.ready.lines[place.line].isOut(at: place.number)
    }

    private func stop(_ stop: Stop) -> WalkStep {
        self.stop = stop
        return .stopBefore
    }

    private func mustStop() -> Stop? {
        if runner.isLimitReached { return .unwanted }
        if runner.isCanaryDue { return .canary }
        // What is moved takes room in the log before it gives some back, and others' messages come first.
        if core.log.isSaturated { return .later(nanoseconds: Self.busyNanoseconds) }
        if core.resourceAlarm != nil {
            return .later(
                nanoseconds: Self.fullNanoseconds, reason: "it waits: the broker is short of memory or disk space")
        }
        let wait = runner.waitNanoseconds
        return wait > 0 ? .later(nanoseconds: wait) : nil
    }

    private func consider(_ message: WalkedMessage) -> WalkStep {
        let gateBefore = gate
        guard sample?.contains(message.entry.sequence) ?? true, gate.admits(message) else {
            note(message)
            return gate.step(behind: message)
        }
        var fullQueue: Queue?
        let cause = routing.with(message) { publication in
            fullQueue = tooDeepQueue()
            if fullQueue == nil { move(message, publication) }
        }
        if let fullQueue {
            gate = gateBefore
            let reason = "it waits: queue '\(fullQueue.name)' has \(fullQueue.ready.liveCount) messages"
            return stop(.later(nanoseconds: Self.fullNanoseconds, reason: reason))
        }
        if let cause { runner.task.stay(MessageID(rawValue: message.entry.sequence), cause) }
        note(message)
        return gate.step(behind: message)
    }

    private func note(_ message: WalkedMessage) {
        isChanged = true
        runner.task.undecided = undecidedBefore + gate.undecided
        runner.task.place = MessageID(rawValue: message.entry.sequence)
    }

    private func tooDeepQueue() -> Queue? {
        guard let most = runner.task.request.options.targetDepthMax else { return nil }
        for index in 0..<host.collector.count {
            if let queue = host.queue(at: host.collector[index]), !queue.isInternal, queue.ready.liveCount >= most {
                return queue
            }
        }
        return nil
    }

    /// The message leaves its queue and joins the others, with one record.
    private func move(_ message: WalkedMessage, _ publication: Publication) {
        // Whether a queue has room is asked behind its consumers: if it is the message's own, they may have taken it.
        guard isThere(message) else { return }
        let (queue, entry) = (message.queue, message.entry)
        if message.state == .ready {
            queue.take(entry)
        } else {
            // The set of those that nobody takes finds it gone.
            core.undeliverableRetry.topologyChanged()
        }
        runner.hasMoved(bytes: message.view.bodyCount)
        for index in 0..<host.collector.count {
            if let target = host.queue(at: host.collector[index]), !target.isInternal { runner.countTarget(target.id) }
        }
        host.leave(entry, of: queue) { _ = host.enqueue(publication, asking: .none, origin: $0) }
    }

    var purpose: WalkPurpose { .move }
    var handledCount: Int { runner.task.moved }

    /// Whether something has come about since the last call.
    func takeChange() -> Bool {
        defer { isChanged = false }
        return isChanged
    }

    func pieceEnded() {
        if takeChange() { runner.recordNowAndThen() }
    }
}
