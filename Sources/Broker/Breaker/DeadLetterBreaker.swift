/// Pauses the deliveries of a queue whose consumers reject too much, so that it is not drained into its dead-letter queue.
///
/// Counts in windows that begin with a rejection and reads no clock but the turn's, so a message that is not rejected costs nothing.
final class DeadLetterBreaker {
    let policy: DeadLetterBreakerPolicy
    private var windowEndMilliseconds: UInt64 = 0
    /// Rejected in the window.
    private var count: UInt64 = 0
    /// What consumers had done with when the window began.
    private var handledBefore: UInt64 = 0
    /// When deliveries were paused, in milliseconds since 1970; nil while they are not.
    private(set) var openedAtMilliseconds: UInt64?
    private(set) var resumesAtNanoseconds: UInt64?
    /// Rejected in the window that was too much, and of what was handed out before since then.
    private(set) var rejectedCount: UInt64 = 0

    init(_ policy: DeadLetterBreakerPolicy) { self.policy = policy }

    var isOpen: Bool { openedAtMilliseconds != nil }

    /// A message of the queue has died.
    ///
    /// - Returns: whether that is too much, and deliveries are to be paused.
    func isTooMuch(_ reason: DeadLetterReason, in queue: Queue) -> Bool {
        guard reason == .rejected || reason == .deliveryLimit else { return false }
        guard !isOpen else {
            rejectedCount += 1
            return false
        }
        let now = queue.core.nowMilliseconds
        if now >= windowEndMilliseconds || windowEndMilliseconds > now + policy.windowMilliseconds {
            windowEndMilliseconds = now + policy.windowMilliseconds
            count = 0
            // But for this one.
            handledBefore = queue.handledCount - min(1, queue.handledCount)
        }
        count += 1
        guard count >= policy.countMax else { return false }
        let handled = max(count, queue.handledCount - min(handledBefore, queue.handledCount))
        return count * 100 >= UInt64(policy.percent) * handled
    }

    func open(nowMilliseconds: UInt64, nowNanoseconds: UInt64) {
        openedAtMilliseconds = nowMilliseconds
        rejectedCount = count
        resumesAtNanoseconds = policy.resumeMilliseconds.map { nowNanoseconds + $0 * 1_000_000 }
    }

    func close() {
        openedAtMilliseconds = nil
        resumesAtNanoseconds = nil
        windowEndMilliseconds = 0
    }
}
