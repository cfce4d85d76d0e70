import Logging
import SegmentLog

extension Queue {
    /// What has left the queue, or is about to, by consumers' doing. A purge and a move count as well.
    var handledCount: UInt64 {
        let left = UInt64(max(0, joinedCount - ready.count - unacknowledgedCount - delayedCount))
        return left - min(left, deathCounts.withoutConsumer)
    }

    /// Messages that have joined the queue since it was made.
    public var joinedCount: Int { ready.lines.reduce(0) { $0 + $1.end } }

    /// Another policy for it has come, or it has gone: what was paused goes on.
    func breakerPolicyChanged() {
        if breaker?.isOpen == true { closeBreaker(because: "its policy has changed") }
        breaker = settings.breaker.map { DeadLetterBreaker($0) }
    }

    func openBreaker(_ breaker: DeadLetterBreaker) {
        breaker.open(nowMilliseconds: core.nowMilliseconds, nowNanoseconds: core.nowNanoseconds)
        consumers.suspend()
        if let time = breaker.resumesAtNanoseconds { core.timers.schedule(.breaker(id), atNanoseconds: time) }
        core.logger.warning(
            "deliveries of a queue are paused: its consumers reject too much",
            metadata: [
                "queue": "\(name)", "vhost": "\(virtualHost.name)", "rejected": "\(breaker.rejectedCount)",
                "windowMilliseconds": "\(breaker.policy.windowMilliseconds)",
                "resumesAfterMilliseconds": "\(breaker.policy.resumeMilliseconds.map { "\($0)" } ?? "never")",
            ])
    }

    private func closeBreaker(because reason: String) {
        guard let breaker, breaker.isOpen else { return }
        core.logger.notice(
            "deliveries of a queue go on",
            metadata: [
                "queue": "\(name)", "vhost": "\(virtualHost.name)", "rejected": "\(breaker.rejectedCount)",
                "reason": "\(reason)",
            ])
        breaker.close()
        consumers.unsuspend()
        markForDelivery()
    }

    /// A timer's time has come.
    func resumeIfDue() {
        guard let time = breaker?.resumesAtNanoseconds, core.nowNanoseconds >= time else { return }
        closeBreaker(because: "its time is over")
    }

    /// Lets deliveries go on that the breaker has paused, for whoever asks.
    ///
    /// - Throws: `notOpen` if they are not paused.
    public func resumeDeliveries(by user: String) throws(BreakerError) {
        guard breaker?.isOpen == true else { throw .notOpen }
        closeBreaker(because: "user '\(user)' has asked for it")
    }

    /// Nil for a queue without a breaker.
    public var breakerState: BreakerState? {
        guard let breaker else { return nil }
        let resumes = breaker.resumesAtNanoseconds.map { time in
            core.nowMilliseconds + (max(time, core.nowNanoseconds) - core.nowNanoseconds) / 1_000_000
        }
        return BreakerState(
            policy: breaker.policy, openedAtMilliseconds: breaker.openedAtMilliseconds, resumesAtMilliseconds: resumes,
            rejectedCount: breaker.isOpen ? breaker.rejectedCount : 0)
    }
}
