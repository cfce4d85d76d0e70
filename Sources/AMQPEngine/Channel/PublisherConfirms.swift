import Broker
import DequeModule
import SegmentLog

/// Publisher confirms of one channel: numbers publishes from 1, and holds back what is not durable yet. Confirms go out
/// in order and as ranges, so a burst of publishes is one entry here and one basic.ack on the wire.
struct PublisherConfirms {
    private struct Waiting {
        /// The last publish of the range; it starts behind the one before.
        var through: UInt64
        /// The log must be durable up to here first.
        var position: LogPosition
        let burst: UInt64
    }

    /// Publishes in a row that are all in their queues.
    struct Row {
        private(set) var count: UInt64 = 0
        /// One of them is to be durable.
        private(set) var mustBeDurable = false

        @inline(__always)
        mutating func add(_ outcome: PublishOutcome) {
            count += 1
            if outcome == .enqueued(mustBeDurable: true) { mustBeDurable = true }
        }
    }

    private var nextNumber: UInt64 = 1
    private var waiting = Deque<Waiting>()
    private var confirmedThrough: UInt64 = 0

    /// Counts a publish that was refused: it is nacked at once.
    mutating func refuse() -> UInt64 {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// Counts publishes that are confirmed once the log is durable up to `position`. Those of one burst share an entry;
    /// those of different bursts don't, so that each goes with the first sync that covers it.
    mutating func add(_ count: UInt64 = 1, durableAt position: LogPosition, burst: UInt64) {
        nextNumber += count
        let number = nextNumber - 1
        if let last = waiting.last, last.burst == burst {
            waiting[waiting.count - 1].through = number
            waiting[waiting.count - 1].position = max(last.position, position)
        } else {
            waiting.append(Waiting(through: number, position: position, burst: burst))
        }
    }

    /// Takes out what may be confirmed now.
    ///
    /// - Returns: the highest number, for an ack of all up to it, and whether that is more than itself; `nil` if there
    ///   is none.
    mutating func takeDurable(_ isDurable: (LogPosition) -> Bool) -> (through: UInt64, isMultiple: Bool)? {
        var through: UInt64?
        while let first = waiting.first, isDurable(first.position) {
            through = first.through
            waiting.removeFirst()
        }
        guard let through else { return nil }
        defer { confirmedThrough = through }
        return (through, through > confirmedThrough + 1)
    }

    /// What the next confirm waits for.
    var nextPosition: LogPosition? { waiting.first?.position }
}
