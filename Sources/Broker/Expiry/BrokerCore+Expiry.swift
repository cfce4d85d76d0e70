import SegmentLog

extension BrokerCore {
    /// What expires within so many milliseconds, a power of two, goes at the end of them: many messages share a turn of the
    /// core and a write of the log. Who waits for a message is given it sooner: retries and schedules are not gathered.
    private static let gatheredMilliseconds: UInt64 = 16
    /// Messages that one turn expires at the most.
    private static let expiriesPerTurn = 1000
    /// How many are looked for together.
    private static let duesAtOnce = 64

    /// Something is to become of a message of the queue then, wherever it stands.
    func watch(
        _ sequence: UInt64, of queue: Queue, for purpose: DeadlineWheel.Purpose = .expiry, deadlineMilliseconds: UInt64
    ) {
        let isGathered =
            purpose == .expiry && !queue.isSchedule && deadlineMilliseconds < .max - Self.gatheredMilliseconds
        let due = deadlines.insert(
            DeadlineWheel.Due(queueID: queue.id, sequence: sequence, purpose: purpose),
            deadlineMilliseconds: isGathered
                ? deadlineMilliseconds | (Self.gatheredMilliseconds - 1) : deadlineMilliseconds
        )
        scheduleExpiry(atMilliseconds: due)
    }

    private func scheduleExpiry(atMilliseconds wanted: UInt64) {
        // The clock's milliseconds are whole ones.
        let distance = wanted > nowMilliseconds ? wanted - nowMilliseconds + 1 : 0
        let nanoseconds = nowNanoseconds + distance * 1_000_000
        guard nanoseconds < nextExpiryNanoseconds else { return }
        nextExpiryNanoseconds = nanoseconds
        timers.schedule(.deadlines, atNanoseconds: nanoseconds)
    }

    /// Sees to messages whose time is over, wherever they stand in their queues.
    func expireDue() {
        // Otherwise an earlier timer has taken this one's place, and its successor is pending already.
        if nowNanoseconds >= nextExpiryNanoseconds { nextExpiryNanoseconds = .max }
        expiryWaiter.hasArrived = false
        guard !expiryWaiter.isWaiting else { return }
        var count = 0
        var queue: Queue?
        while count < Self.expiriesPerTurn {
            guard takeDues(atMost: Self.expiriesPerTurn - count) else { return }
            while let message = duesInHand.last {
                if queue?.id != message.queueID { queue = queuesByID[message.queueID] }
                if let queue {
                    expiryWaiter.isWaiting = true
                    // In hand, it needs one page only: two might drive each other out of a small cache for ever.
                    guard queue.reachTime(of: message, orWait: expiryWaiter) else { return }
                    expiryWaiter.isWaiting = false
                }
                duesInHand.removeLast()
                count += 1
            }
        }
        continueExpiry()
    }

    /// In a turn of its own: those that wait for the core come first.
    private func continueExpiry() { timers.schedule(.deadlines, atNanoseconds: nowNanoseconds + 1) }

    /// Takes the next messages whose time is over in hand. Where they stand is known to none of the processor's caches if
    /// there are very many, so they are taken several at a time, and looked for together.
    ///
    /// - Returns: false if there is none now: a later turn is seen to.
    private func takeDues(atMost limit: Int) -> Bool {
        guard duesInHand.isEmpty else { return true }
        let end = deadlines.take(
            nowMilliseconds: nowMilliseconds, upTo: min(limit, Self.duesAtOnce), into: &duesInHand)
        if let end, duesInHand.isEmpty { goOnLater(after: end) }
        duesInHand.reverse()
        forEachDue { $0.lookAheadToPage(of: $1) }
        forEachDue { $0.lookAhead($1) }
        return !duesInHand.isEmpty
    }

    /// Nothing else happens between one message and the next: their waits for memory overlap.
    @inline(__always)
    private func forEachDue(_ body: (QueueLines, QueueLines.Place) -> Void) {
        var queue: Queue?
        for message in duesInHand {
            if queue?.id != message.queueID { queue = queuesByID[message.queueID] }
            if let queue { body(queue.ready, QueueLines.Place(sequence: message.sequence)) }
        }
    }

    private func goOnLater(after end: DeadlineWheel.End) {
        switch end {
        case .away:
            expiryWaiter.isWaiting = true
            deadlines.fetch(for: expiryWaiter)
        case .more: continueExpiry()
        case .nothingDue:
            if let next = deadlines.nextEventMilliseconds { scheduleExpiry(atMilliseconds: next) }
        }
    }

    /// Finds the deadlines of what a start found, in the log: who needs it has said so in the checkpoint. Until that is
    /// done, what is behind the head of such a queue may go late.
    func restoreDeadlines() {
        let wanted = Set(queuesByID.values.filter(\.needsDeadlines).map(\.id))
        guard !wanted.isEmpty else { return }
        log.scan(jobs: cache.jobs) { record, found in
            let view = MessageView(payload: record.payload)
            guard record.kind == RecordKind.message.rawValue, view.isWellFormed else { return }
            for index in 0..<view.targetCount {
                let target = view.target(index)
                guard wanted.contains(target.queueID) else { continue }
                found.append(
                    FoundDeadline(
                        queueID: target.queueID, sequence: target.sequence,
                        publishedAtMilliseconds: view.publishedAtMilliseconds,
                        expirationMilliseconds: view.expirationMilliseconds,
                        member: record.flags & RecordKind.Flag.member == 0 ? nil : record.position))
            }
        } then: { [weak self] (found: [FoundDeadline]) in
            for message in found { self?.watch(found: message) }
        }
    }

    private func watch(found message: FoundDeadline) {
        let place = QueueLines.Place(sequence: message.sequence)
        guard let queue = queuesByID[message.queueID], queue.ready.isLive(place) else { return }
        if let member = message.member {
            // The transaction may never have happened, and its numbers may be others' now.
            guard let found = queue.ready.load(place),
                QueueEntry(found, sequence: message.sequence).handle == MessageHandle(logged: member)
            else { return }
        }
        let deadline = queue.deadlineMilliseconds(
            published: message.publishedAtMilliseconds, expiration: message.expirationMilliseconds, at: place)
        if deadline < .max { watch(message.sequence, of: queue, deadlineMilliseconds: deadline) }
    }
}

/// What a message of the log says of its time.
private struct FoundDeadline {
    let queueID: UInt64
    let sequence: UInt64
    let publishedAtMilliseconds: UInt64
    let expirationMilliseconds: UInt64
    /// The record's position, if it is part of a transaction.
    let member: LogPosition?
}

/// Waits for what the next expiry needs, which is looked at in the same turn: at its end pages may leave memory again.
final class ExpiryWaiter: PageWaiter {
    private unowned let core: BrokerCore
    @exclusivity(unchecked) var isWaiting = false
    /// What was waited for is there.
    var hasArrived = false

    init(core: BrokerCore) {
        self.core = core
    }

    func pageArrived() {
        isWaiting = false
        hasArrived = true
        core.wantsTurn = true
    }
}
