import HeapModule

/// Deadlines of the core, earliest first. A timer is not cancelled: whoever is woken looks whether it is still time.
/// It does not keep its target alive either.
struct TimerQueue {
    enum Target {
        case queueExpiry(Queue)
        case queueUnused(Queue)
        case handler(any TimerHandler)
    }

    private enum Purpose {
        case queueExpiry
        case queueUnused
        case handler
    }

    private struct Entry: Comparable {
        let deadlineNanoseconds: UInt64
        let purpose: Purpose
        weak var object: AnyObject?

        var target: Target? {
            switch (purpose, object) {
            case (.queueExpiry, let queue as Queue): .queueExpiry(queue)
            case (.queueUnused, let queue as Queue): .queueUnused(queue)
            case (.handler, let handler as any TimerHandler): .handler(handler)
            default: nil
            }
        }

        static func < (left: Entry, right: Entry) -> Bool { left.deadlineNanoseconds < right.deadlineNanoseconds }
        static func == (left: Entry, right: Entry) -> Bool { left.deadlineNanoseconds == right.deadlineNanoseconds }
    }

    private var heap = Heap<Entry>()

    mutating func schedule(_ target: Target, atNanoseconds deadline: UInt64) {
        let entry =
            switch target {
            case .queueExpiry(let queue):
                Entry(deadlineNanoseconds: deadline, purpose: .queueExpiry, object: queue)
            case .queueUnused(let queue):
                Entry(deadlineNanoseconds: deadline, purpose: .queueUnused, object: queue)
            case .handler(let handler):
                Entry(deadlineNanoseconds: deadline, purpose: .handler, object: handler)
            }
        heap.insert(entry)
    }

    var nextDeadlineNanoseconds: UInt64? { heap.min?.deadlineNanoseconds }

    mutating func popDue(_ nowNanoseconds: UInt64) -> Target? {
        while let first = heap.min, first.deadlineNanoseconds <= nowNanoseconds {
            if let target = heap.removeMin().target { return target }
        }
        return nil
    }
}

/// Something that wants to be woken at a time: a connection with its heartbeats.
public protocol TimerHandler: AnyObject {
    func timerFired(nowNanoseconds: UInt64)
}

/// Wakes the core and nobody in particular.
final class AlarmClock: TimerHandler {
    func timerFired(nowNanoseconds: UInt64) {}
}
