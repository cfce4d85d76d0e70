import SegmentLog

/// Tries dead letters again that nobody took, when the topology has changed, and every second while a full queue is what they
/// wait for. In small pieces with pauses between them: however many there are, it takes no more than a tenth of the core.
final class UndeliverableRetry: PageWaiter {
    /// From the end of one round to the begin of the next, at the least.
    private static let roundIntervalNanoseconds: UInt64 = 1_000_000_000
    private static let lettersPerPiece = 100
    /// A pause is so many times as long as the piece before it.
    private static let pauseFactor: UInt64 = 9

    private unowned let core: BrokerCore
    /// Queues that have such letters, by their ids.
    private var queues: Set<UInt64> = []
    /// Those that the round under way has yet to go through, the current one last.
    private var queuesLeft: [UInt64] = []
    /// Where in the current queue's set it goes on.
    private var number = 0
    private var isWanted = false
    private var isScheduled = false
    private var isWaiting = false
    private var lastRoundEnd: UInt64 = 0

    init(core: BrokerCore) {
        self.core = core
    }

    /// Dead letters of all queues that nobody takes.
    var letterCount: Int { queues.reduce(0) { $0 + (core.queuesByID[$1]?.undeliverableCount ?? 0) } }

    func add(_ queue: Queue) {
        queues.insert(queue.id)
        // The change that it waits for may have come in the same turn.
        want()
    }

    /// Exchanges, queues, bindings or policies have changed.
    func topologyChanged() {
        if !queues.isEmpty { want() }
    }

    private func want() {
        isWanted = true
        if queuesLeft.isEmpty { schedule(atNanoseconds: lastRoundEnd + Self.roundIntervalNanoseconds) }
    }

    private func schedule(atNanoseconds time: UInt64) {
        guard !isScheduled, !isWaiting else { return }
        isScheduled = true
        core.timers.schedule(.undeliverable, atNanoseconds: max(time, core.nowNanoseconds + 1))
    }

    func pageArrived() {
        isWaiting = false
        schedule(atNanoseconds: 0)
    }

    /// The time that was asked for has come.
    func run() {
        isScheduled = false
        guard !isWaiting else { return }
        if queuesLeft.isEmpty {
            guard isWanted else { return }
            isWanted = false
            queuesLeft = queues.sorted(by: >)
            number = 0
        }
        let begin = core.readMonotonicNanoseconds()
        var left = Self.lettersPerPiece
        while left > 0, let id = queuesLeft.last {
            guard let queue = core.queuesByID[id], let set = queue.undeliverable, set.count > 0 else {
                core.queuesByID[id]?.undeliverable = nil
                queues.remove(id)
                nextQueue()
                continue
            }
            switch set.next(from: number) {
            case .none: nextQueue()
            case .away(let missing):
                isWaiting = true
                return set.fetch(missing, for: self)
            case .member(let member):
                guard attempt(member, of: queue, in: set) else { return }
                number = member.number + 1
            }
            left -= 1
        }
        endPiece(begin)
    }

    private func nextQueue() {
        queuesLeft.removeLast()
        number = 0
    }

    private func endPiece(_ begin: UInt64) {
        let end = core.readMonotonicNanoseconds()
        guard queuesLeft.isEmpty else {
            return schedule(atNanoseconds: core.nowNanoseconds + (end - begin) * Self.pauseFactor)
        }
        lastRoundEnd = end
        if isWanted { schedule(atNanoseconds: end + Self.roundIntervalNanoseconds) }
    }

    /// - Returns: false if something has to be read first.
    private func attempt(_ member: UndeliverableSet.Member, of queue: Queue, in set: UndeliverableSet) -> Bool {
        let place = QueueLines.Place(sequence: member.sequence)
        guard queue.ready.isLive(place) else {
            set.remove(member)
            return true
        }
        // Its waiter may be called at once.
        isWaiting = true
        guard let entry = queue.entry(at: place) else {
            queue.bring(place, for: self)
            return false
        }
        let letter = PendingDeadLetter(entry: entry, queue: queue, death: member.death, isRecorded: true)
        let outcome = queue.virtualHost.deadLetter(letter, waiter: self)
        if outcome == .away { return false }
        isWaiting = false
        switch outcome {
        case .moved, .away: set.remove(member)
        case .stays(.noRoom): isWanted = true
        case .stays: break
        }
        return true
    }
}
