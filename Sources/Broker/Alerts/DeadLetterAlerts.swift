import AMQPProtocol
import Logging

/// Looks at queues whose policies want alerts, and logs each alert once when it begins and once when it ends. A broker without such
/// a policy has no timer for it. Owned by the core.
public final class DeadLetterAlerts {
    /// From one look at the queues to the next.
    private static let lookNanoseconds: UInt64 = 1_000_000_000
    /// Queues that are looked at in one go; the others come in the next.
    static let queuesPerLookMax = 1000
    /// Lines in the log for one look; the other changes are counted in one more.
    static let linesPerLookMax = 20

    private unowned let core: BrokerCore
    /// By the queue's id.
    private var watches: [UInt64: AlertWatch] = [:]
    /// Those that this round has yet to look at.
    private var left: [UInt64] = []
    private var isScheduled = false

    init(core: BrokerCore) { self.core = core }

    /// The queue is new, or has another policy for this than before, or none any more: its alerts begin anew.
    func policyChanged(of queue: Queue) {
        guard !queue.isInternal else { return }
        watches[queue.id] = queue.settings.alerts.map { AlertWatch($0, of: queue) }
        schedule()
    }

    func queueDeleted(_ queue: Queue) {
        if !watches.isEmpty { watches[queue.id] = nil }
    }

    private func schedule() {
        guard !isScheduled, !watches.isEmpty else { return }
        isScheduled = true
        core.timers.schedule(.alerts, atNanoseconds: core.nowNanoseconds + Self.lookNanoseconds)
    }

    /// A timer's time has come.
    func look() {
        isScheduled = false
        if left.isEmpty { left = watches.keys.sorted(by: >) }
        var lines = 0
        for id in left.suffix(Self.queuesPerLookMax).reversed() {
            for change in watches[id]?.look() ?? [] {
                lines += 1
                if lines <= Self.linesPerLookMax { log(change) }
            }
        }
        left.removeLast(min(left.count, Self.queuesPerLookMax))
        if lines > Self.linesPerLookMax {
            core.logger.warning(
                "more alerts of dead letters have begun or ended; harrier dlq alerts lists what is on",
                metadata: ["alerts": "\(lines - Self.linesPerLookMax)"])
        }
        schedule()
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
