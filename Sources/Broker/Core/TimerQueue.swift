import HeapModule

/// Deadlines of the core, earliest first. Whoever is woken looks whether it is still time: a timer need not be cancelled. It
/// names its target by a number, so it neither keeps it alive nor makes it slower to refer to, as a weak reference would.
struct TimerQueue {
    enum Target: Hashable {
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

    /// What connections wait for is seconds away: those that are due within so long, a power of two, share a turn, so that ten
    /// thousand of them wake the core fifteen times a second at the most.
    private static let connectionTickNanoseconds: UInt64 = 1 << 26

    private var heap = Heap<Entry>()
    private var connections = Heap<Entry>()
    /// Nobody's any more, and in `heap` perhaps.
    private var cancelled: Set<Target> = []

    mutating func schedule(_ target: Target, atNanoseconds deadline: UInt64) {
        let entry = Entry(deadlineNanoseconds: deadline, target: target)
        if case .connection = target { connections.insert(entry) } else { heap.insert(entry) }
    }

    /// The target has gone for good, and is not scheduled again; it may be woken all the same. Has room made for others before such
    /// timers are half of all.
    mutating func cancel(_ target: Target) {
        cancelled.insert(target)
        guard cancelled.count * 2 > heap.count else { return }
        heap = Heap(heap.unordered.filter { !cancelled.contains($0.target) })
        cancelled = []
    }

    /// Of timers that are pending, those that nobody needs any more included.
    var count: Int { heap.count + connections.count }

    /// When somebody should look for what is due. Whoever looks earlier finds what is due by then.
    var nextDeadlineNanoseconds: UInt64? {
        guard let connection = connections.min?.deadlineNanoseconds else { return heap.min?.deadlineNanoseconds }
        let tickEnd = connection | (Self.connectionTickNanoseconds - 1)
        return min(tickEnd, heap.min?.deadlineNanoseconds ?? .max)
    }

    mutating func popDue(_ nowNanoseconds: UInt64) -> Target? {
        if let first = heap.min, first.deadlineNanoseconds <= nowNanoseconds { return heap.removeMin().target }
        if let first = connections.min, first.deadlineNanoseconds <= nowNanoseconds {
            return connections.removeMin().target
        }
        return nil
    }
}
