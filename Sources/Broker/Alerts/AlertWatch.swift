import SegmentLog

/// Looks at one queue every now and then, for alerts.
final class AlertWatch {
    /// The rate is that of the last five to ten seconds.
    private static let rateMilliseconds: UInt64 = 5000
    /// From one look for the oldest message to the next, which may have to read from the disk.
    private static let ageMilliseconds: UInt64 = 10_000
    /// An alert ends when there has been no reason for it for so long, so that one that comes and goes is one.
    static let calmMilliseconds: UInt64 = 60_000

    enum Change {
        case begun(DeadLetterAlert)
        case ended(DeadLetterAlert)
    }

    private struct Active {
        var alert: DeadLetterAlert
        var lastReasonMilliseconds: UInt64
    }

    private struct Sample {
        let joined: Int
        let milliseconds: UInt64
    }

    let policy: DeadLetterAlertPolicy
    private unowned let queue: Queue
    private var active: [DeadLetterAlert.Kind: Active] = [:]
    private var samples: [Sample] = []
    /// When the oldest message joined, as far as is known.
    private var oldestMilliseconds: UInt64?
    private var isLooking = false
    private var nextLookMilliseconds: UInt64 = 0
    /// It waits for its turn to look for the oldest message.
    var isWaitingToLook = false

    init(_ policy: DeadLetterAlertPolicy, of queue: Queue) {
        self.policy = policy
        self.queue = queue
    }

    /// What is on.
    var alerts: [DeadLetterAlert] { active.values.map(\.alert) }

    /// Looks at the queue as it is now.
    func look() -> [Change] {
        let core = queue.core
        let now = core.nowMilliseconds
        var changes: [Change] = []
        let depth = UInt64(queue.ready.liveCount)
        judge(.depth, depth, policy.depth.map { UInt64($0) }, now, &changes)
        judge(.rate, rate(now), policy.rate.map { UInt64($0) }, now, &changes)
        let unconsumed = queue.consumerCount == 0 ? depth : 0
        judge(.unconsumed, unconsumed, policy.isUnconsumedOne ? 1 : nil, now, &changes)
        if depth == 0 { oldestMilliseconds = nil }
        judge(.age, oldestMilliseconds.map { now - min(now, $0) } ?? 0, policy.ageMilliseconds, now, &changes)
        return changes
    }

    /// Whether it is time to look for the oldest message.
    var isLookForOldestDue: Bool {
        guard policy.ageMilliseconds != nil, !isLooking, queue.ready.liveCount > 0 else { return false }
        let now = queue.core.nowMilliseconds
        return now >= nextLookMilliseconds || nextLookMilliseconds > now + Self.ageMilliseconds
    }

    /// - Parameter then: as for `Queue.findOldest`. What has failed is due as before.
    func lookForOldest(then: @escaping (Result<UInt64?, WalkError>) -> Void) {
        isLooking = true
        queue.findOldest { [weak self] result in
            if let self {
                self.isLooking = false
                if case .success(let time) = result {
                    self.oldestMilliseconds = time
                    self.nextLookMilliseconds = self.queue.core.nowMilliseconds + Self.ageMilliseconds
                }
            }
            then(result)
        }
    }

    private func judge(
        _ kind: DeadLetterAlert.Kind, _ value: UInt64, _ threshold: UInt64?, _ now: UInt64, _ changes: inout [Change]
    ) {
        guard let threshold else { return }
        if value >= threshold {
            if active[kind] == nil {
                let alert = DeadLetterAlert(
                    virtualHost: queue.virtualHost.name, queue: queue.name, kind: kind, sinceMilliseconds: now,
                    value: value, threshold: threshold)
                active[kind] = Active(alert: alert, lastReasonMilliseconds: now)
                changes.append(.begun(alert))
            }
            active[kind]?.lastReasonMilliseconds = now
        }
        active[kind]?.alert.value = value
        if let known = active[kind], now >= known.lastReasonMilliseconds + Self.calmMilliseconds {
            active[kind] = nil
            changes.append(.ended(known.alert))
        }
    }

    /// Messages in a second, rounded up.
    private func rate(_ now: UInt64) -> UInt64 {
        guard policy.rate != nil else { return 0 }
        let joined = queue.joinedCount
        guard let first = samples.first, let last = samples.last else {
            samples = [Sample(joined: joined, milliseconds: now)]
            return 0
        }
        // Of a clock that was set back nothing is known.
        guard now >= last.milliseconds else {
            samples = []
            return 0
        }
        if now >= last.milliseconds + Self.rateMilliseconds {
            samples = [last, Sample(joined: joined, milliseconds: now)]
        }
        // No burst of a moment is one of a second.
        let milliseconds = max(1000, now - first.milliseconds)
        return (UInt64(max(0, joined - first.joined)) * 1000 + milliseconds - 1) / milliseconds
    }
}
