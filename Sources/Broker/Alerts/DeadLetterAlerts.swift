import AMQPProtocol
import DequeModule
import Logging

/// Looks at queues whose policies want alerts, and at those with undeliverable messages, and has each alert logged once when it begins
/// and once when it ends. A broker without either has no timer for it. Owned by the core.
public final class DeadLetterAlerts {
    /// From one look at the queues to the next.
    private static let lookNanoseconds: UInt64 = 1_000_000_000
    /// Queues that are looked at in one go; the others come in the next.
    static let queuesPerLookMax = 1000
    /// Lines in the log for one look; the other changes are counted in one more.
    static let linesPerLookMax = 20
    /// Looks for oldest messages that are under way at the same time: the other walks are for people.
    static let oldestLooksMax = 4

    private unowned let core: BrokerCore
    /// By the queue's id.
    private var watches: [UInt64: AlertWatch] = [:]
    /// Queues with undeliverable messages, by their ids, since when, and when there were some last; milliseconds since 1970.
    private var stuck: [UInt64: (since: UInt64, last: UInt64)] = [:]
    /// Those that this round has yet to look at.
    private var left: [UInt64] = []
    /// Those whose oldest messages are to be looked for, first come, first served.
    private var waiting: Deque<UInt64> = []
    private var oldestLooks = 0
    private var isScheduled = false

    init(core: BrokerCore) { self.core = core }

    /// The queue is new, or has another policy for this than before, or none any more: its alerts begin anew.
    func policyChanged(of queue: Queue) {
        guard !queue.isInternal else { return }
        watches[queue.id] = queue.settings.alerts.map { AlertWatch($0, of: queue) }
        schedule()
    }

    func queueDeleted(_ queue: Queue) {
        watches[queue.id] = nil
        stuck[queue.id] = nil
    }

    /// The queue has undeliverable messages, and had none just now.
    ///
    /// - Returns: whether that is news: a queue that gets rid of them and has others within a minute is not told of again.
    func undeliverableBegan(in queue: Queue) -> Bool {
        guard stuck[queue.id] == nil else { return false }
        stuck[queue.id] = (core.nowMilliseconds, core.nowMilliseconds)
        schedule()
        return true
    }

    /// Since when the queue has had undeliverable messages, with at most a minute between them; milliseconds since 1970.
    func undeliverableSince(in queue: Queue) -> UInt64? { stuck[queue.id]?.since }

    private func schedule() {
        guard !isScheduled, !watches.isEmpty || !stuck.isEmpty else { return }
        isScheduled = true
        core.timers.schedule(.alerts, atNanoseconds: core.nowNanoseconds + Self.lookNanoseconds)
    }

    /// A timer's time has come.
    func look() {
        isScheduled = false
        if left.isEmpty { left = Set(watches.keys).union(stuck.keys).sorted(by: >) }
        var lines = 0
        for id in left.suffix(Self.queuesPerLookMax).reversed() {
            for change in watches[id]?.look() ?? [] {
                lines += 1
                if lines <= Self.linesPerLookMax { log(change) }
            }
            if let watch = watches[id], watch.isLookForOldestDue, !watch.isWaitingToLook {
                watch.isWaitingToLook = true
                waiting.append(id)
            }
            if let since = endOfStuck(id) {
                lines += 1
                if lines <= Self.linesPerLookMax { logUnstuck(id, since: since) }
            }
        }
        left.removeLast(min(left.count, Self.queuesPerLookMax))
        lookForOldest()
        if lines > Self.linesPerLookMax {
            core.logger.warning(
                "more alerts of dead letters have begun or ended; harrier dlq alerts lists what is on",
                metadata: ["alerts": "\(lines - Self.linesPerLookMax)"])
        }
        schedule()
    }

    private func lookForOldest() {
        while oldestLooks < Self.oldestLooksMax, let id = waiting.popFirst() {
            guard let watch = watches[id] else { continue }
            watch.isWaitingToLook = false
            // Its policy may have come after it was put here.
            guard watch.isLookForOldestDue else { continue }
            oldestLooks += 1
            var isRefused = false
            watch.lookForOldest { [weak self] result in
                guard let self else { return }
                self.oldestLooks -= 1
                switch result {
                case .success, .failure(.queueDeleted), .failure(.badCursor): self.lookForOldest()
                case .failure(.tooManyWalks), .failure(.brokerClosed): isRefused = true
                }
            }
            // The others come with the next look at the queues.
            if isRefused { return }
        }
    }

    /// - Returns: since when the queue had undeliverable messages, if it has had none for a minute.
    private func endOfStuck(_ id: UInt64) -> UInt64? {
        guard let known = stuck[id] else { return nil }
        guard core.queuesByID[id]?.undeliverableCount == 0 else {
            stuck[id]?.last = core.nowMilliseconds
            return nil
        }
        guard core.nowMilliseconds >= known.last + AlertWatch.calmMilliseconds else { return nil }
        stuck[id] = nil
        return known.since
    }

    private func logUnstuck(_ id: UInt64, since time: UInt64) {
        guard let queue = core.queuesByID[id] else { return }
        core.logger.notice(
            "no messages of the queue are undeliverable any more",
            metadata: [
                "queue": "\(queue.name)", "vhost": "\(queue.virtualHost.name)",
                "lastedMilliseconds": "\(core.nowMilliseconds - min(core.nowMilliseconds, time))",
            ])
    }

    private func log(_ change: AlertWatch.Change) {
        switch change {
        case .begun(let alert): core.logger.warning("dead letters: alert", metadata: Self.metadata(alert))
        case .ended(let alert):
            var metadata = Self.metadata(alert)
            metadata["lastedMilliseconds"] =
                "\(core.nowMilliseconds - min(core.nowMilliseconds, alert.sinceMilliseconds))"
            core.logger.notice("dead letters: the alert is over", metadata: metadata)
        }
    }

    private static func metadata(_ alert: DeadLetterAlert) -> Logger.Metadata {
        [
            "alert": "\(alert.kind.rawValue)", "queue": "\(alert.queue)", "vhost": "\(alert.virtualHost)",
            "value": "\(alert.value)", "threshold": "\(alert.threshold)",
        ]
    }

    /// What is on in a virtual host, by queue.
    public func alerts(in virtualHost: String) -> [DeadLetterAlert] {
        watches.values.flatMap(\.alerts).filter { $0.virtualHost.hasSameBytes(as: virtualHost) }.sorted {
            $0.queue != $1.queue ? $0.queue < $1.queue : $0.kind.rawValue < $1.kind.rawValue
        }
    }
}
