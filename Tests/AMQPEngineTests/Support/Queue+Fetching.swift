import SegmentLog

@testable import Broker

/// Waits for nothing: what these tests look at is in memory.
private final class NoWaiter: PageWaiter {
    func pageArrived() {}
}

extension Queue {
    /// The next message, as basic.get with automatic acknowledgement finds it.
    func fetch() -> (entry: QueueEntry, message: MessageView)? {
        guard case .message(let entry, let message) = get(isAutoAcknowledging: true, waiter: NoWaiter()) else {
            return nil
        }
        return (entry, message)
    }
}
