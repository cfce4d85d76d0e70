import SegmentLog

/// Waits for the message that is to be dead-lettered next.
final class DeadLetterWaiter: PageWaiter {
    private unowned let core: BrokerCore

    init(core: BrokerCore) {
        self.core = core
    }

    func pageArrived() { core.areDeadLettersWaiting = false }
}
