/// What consumers that read old messages from the disk may take of the core's time.
///
/// Alone, they get all of it. While other consumers are kept busy at the tails of their queues, those that catch up get
/// a few hundredths of the time that the turns take, and some of what is left between the turns: a long backlog is read
/// beside the others, not instead of them. Queues that are over their share are *held back*, and go on in a later turn.
///
/// Owned by the core. Times are monotonic, in nanoseconds.
struct CatchUpShare {
    /// What is measured is the handing out alone. Reading the pages, writing to sockets and taking the acknowledgements
    /// cost, as measured with 1 KiB messages, nine times as much.
    private static let wholeCost = 10
    /// The others get this many times as much of the turns' time.
    private static let othersShare = 64
    /// Of idle time this part is used: a turn that the others need may begin at any moment.
    private static let idleShare = 16
    /// For so long after a message was handed out at a tail, the others count as busy.
    private static let busyNanoseconds: UInt64 = 5_000_000
    /// Looking at the sockets and reading from them takes so long between two turns; more than that is idle time.
    private static let betweenTurnsNanoseconds = 25_000
    /// When a queue that is held back has the loop come round again, if nothing else does.
    private static let retryNanoseconds: UInt64 = 1_000_000
    /// Messages that a queue hands out in one go when nobody else has work: some hundred microseconds' worth.
    private static let messagesPerTurnMax = 256
    /// What can be saved up, and so the longest that the others wait for those who catch up.
    private static let creditNanosecondsMax = 4_000_000
    /// They go on once there is credit for so many messages: a few at a time would cost more each.
    private static let messagesAtOnceMin = 128

    private var heldBack: [Queue] = []
    private var spare: [Queue] = []
    private var creditNanoseconds = 0
    /// What handing one out has cost, on average.
    private var costNanoseconds = 1_000
    /// Messages that were handed out at tails in this turn.
    private var tailDeliveries = 0
    private var busyUntil: UInt64 = 0
    private var lastTurnEnd: UInt64 = 0
    /// Messages that each queue may hand out in this turn.
    private(set) var messagesPerQueue = messagesPerTurnMax

    /// When a turn is wanted so that queues that are held back can go on; nil if none is.
    var nextTurnNanoseconds: UInt64? { heldBack.isEmpty ? nil : lastTurnEnd + Self.retryNanoseconds }

    /// A queue has handed out all that it may.
    mutating func holdBack(_ queue: Queue) {
        guard !queue.isHeldBack else { return }
        queue.isHeldBack = true
        heldBack.append(queue)
    }

    /// Messages were handed out at the tail of a queue.
    @inline(__always)
    mutating func noteTailDeliveries(_ count: Int) { tailDeliveries += count }

    /// A queue that catches up has handed that many out, in that time.
    mutating func spend(messages: Int, nanoseconds: UInt64) {
        let cost = Int(nanoseconds) * Self.wholeCost
        creditNanoseconds -= cost
        costNanoseconds = max(1, (costNanoseconds * 15 + cost / messages) / 16)
    }

    /// A turn is over. Queues that were held back and may go on are marked for delivery.
    mutating func endTurn(begin: UInt64, end: UInt64) {
        let idle = max(0, Int(begin) - Int(lastTurnEnd) - Self.betweenTurnsNanoseconds)
        let gained = idle / Self.idleShare + Int(end - begin) / Self.othersShare
        lastTurnEnd = end
        if tailDeliveries > 0 {
            busyUntil = end + Self.busyNanoseconds
            tailDeliveries = 0
        }
        guard end < busyUntil else {
            creditNanoseconds = 0
            messagesPerQueue = Self.messagesPerTurnMax
            return resume()
        }
        creditNanoseconds = min(creditNanoseconds + gained, Self.creditNanosecondsMax)
        let messages = creditNanoseconds / costNanoseconds
        guard messages >= Self.messagesAtOnceMin || creditNanoseconds == Self.creditNanosecondsMax else {
            messagesPerQueue = 0
            return
        }
        messagesPerQueue = min(max(1, messages / max(1, heldBack.count)), Self.messagesPerTurnMax)
        resume()
    }

    private mutating func resume() {
        guard !heldBack.isEmpty else { return }
        swap(&heldBack, &spare)
        for queue in spare {
            queue.isHeldBack = false
            queue.markForDelivery()
        }
        spare.removeAll(keepingCapacity: true)
    }
}
