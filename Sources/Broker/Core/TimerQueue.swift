import HeapModule

/// Deadlines of the core, earliest first. A timer is not cancelled: whoever is woken looks whether it is still time. It
/// names its target by a number, so it neither keeps it alive nor makes it slower to refer to, as a weak reference would.
struct TimerQueue {
    enum Target: Equatable {
        /// A message of the queue with that id may be over its time.
        case queueExpiry(UInt64)
        /// The queue with that id may have been unused for its time.
        case queueUnused(UInt64)
        /// Messages may be over their time that are not at the heads of their queues.
        case deadlines
        /// Dead letters that nobody took are to be tried again.
        case undeliverable
        /// Walks over queues are to go on.
        case walks
        /// A task that moves messages is to go on.
        case redrive(UInt64)
        /// Dead letters of the queue with that id are to be moved back, as a policy says.
        case redrivePolicy(UInt64)
        /// Deliveries of the queue with that id are to go on, which a flood of rejections has paused.
        case breaker(UInt64)
        /// Queues whose policies want alerts are to be looked at.
        case alerts
        /// Whether edited copies of messages have been acknowledged is to be looked at.
        case edits
        /// The connection with that id wants to be woken.
        case connection(UInt64)
        /// A turn is wanted, by nobody in particular.
        case turn
    }

    private struct Entry: Comparable {
        let deadlineNanoseconds: UInt64
        let target: Target

        static func < (left: Entry, right: Entry) -> Bool { left.deadlineNanoseconds < right.deadlineNanoseconds }
    }

    private var heap = Heap<Entry>()

    mutating func schedule(_ target: Target, atNanoseconds deadline: UInt64) {
        heap.insert(Entry(deadlineNanoseconds: deadline, target: target))
    }

    /// Of timers that are pending, those that nobody needs any more included.
    var count: Int { heap.count }

    var nextDeadlineNanoseconds: UInt64? { heap.min?.deadlineNanoseconds }

    mutating func popDue(_ nowNanoseconds: UInt64) -> Target? {
        guard let first = heap.min, first.deadlineNanoseconds <= nowNanoseconds else { return nil }
        return heap.removeMin().target
    }
}
