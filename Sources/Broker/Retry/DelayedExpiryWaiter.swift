import SegmentLog

/// Waits for a message that waits for its delay: what it says of its time to live is in no memory.
final class DelayedExpiryWaiter: PageWaiter {
    private weak let queue: Queue?
    private let entry: QueueEntry

    init(queue: Queue, entry: QueueEntry) {
        self.queue = queue
        self.entry = entry
    }

    func pageArrived() { queue?.watchExpiry(ofDelayed: entry) }
}
