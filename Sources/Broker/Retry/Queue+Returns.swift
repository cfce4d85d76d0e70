import SegmentLog

// Messages that were handed out and come back.

extension Queue {
    /// Puts a message that was handed out back to its place, marked as redelivered: at once, or when its delay is over
    /// (`DelayedRetry`). One that has failed too often is a dead letter.
    public func requeue(_ entry: QueueEntry, from consumer: Consumer?, as cause: ReturnCause) {
        giveBackCredit(of: consumer)
        forgetName(entry)
        // Deleting the queue has released it.
        guard !isDeleted else { return }
        if !overdue.isEmpty, overdue.remove(entry.sequence) != nil { return discard(entry, reason: .expired) }
        let count = noteReturn(of: entry, cause)
        if cause == .failed, let limit = settings.deliveryLimit, count.failed > limit {
            return discard(entry, reason: .deliveryLimit)
        }
        if let retry = settings.retry, retry.kind.includes(cause) {
            let milliseconds = retry.delayMilliseconds(
                count: count.count(of: retry.kind), chance: .random(in: 0 ... .max))
            delay(entry, untilMilliseconds: core.nowMilliseconds + milliseconds)
            if mayExpire { watchExpiry(ofDelayed: entry) }
            if isPersistent, !entry.handle.isTransient { stateReturns(of: entry) }
        } else {
            putBack(entry)
        }
    }

    private func noteReturn(of entry: QueueEntry, _ cause: ReturnCause) -> ReturnCount {
        var count = returnCounts[entry.sequence, default: ReturnCount()]
        count.add(cause)
        returnCounts[entry.sequence] = count
        if isPersistent, !entry.handle.isTransient {
            core.note(self)
            oldestReturned = min(oldestReturned, entry.handle.position)
            switch cause {
            case .returned: Self.add(entry.sequence, to: &returnedRanges)
            case .failed: Self.add(entry.sequence, to: &failedRanges)
            }
        }
        return count
    }

    private func putBack(_ entry: QueueEntry) {
        ready.putBack(entry.sequence)
        readyBytes += Int(entry.bodyCount)
        markForDelivery()
    }

    /// Has all written that is known of a durable message's returns.
    func stateReturns(of entry: QueueEntry) {
        core.note(self)
        oldestReturned = min(oldestReturned, entry.handle.position)
        returnsToState.append(entry.sequence)
    }

    // MARK: Delay

    func isDelayed(_ sequence: UInt64) -> Bool { returnCounts[sequence]?.isDelayed ?? false }

    /// The message stays out, in nobody's hands, until that time.
    private func delay(_ entry: QueueEntry, untilMilliseconds time: UInt64) {
        delayedCount += 1
        delayedBytes += Int(entry.bodyCount)
        returnCounts[entry.sequence]?.readyAtMilliseconds = time
        core.watch(entry.sequence, of: self, for: .retry, deadlineMilliseconds: time)
        markForDelivery()
    }

    /// Has the message expire at its time if that is over before its delay: nobody finds it at the head of the queue.
    func watchExpiry(ofDelayed entry: QueueEntry) {
        guard !isDeleted, ready.isLive(entry.place), let count = returnCounts[entry.sequence], count.isDelayed else {
            return
        }
        switch messages.access(entry.handle) {
        case .away: messages.fetch(entry.handle, for: DelayedExpiryWaiter(queue: self, entry: entry))
        case .lost: break
        case .here(let message):
            let deadline = deadlineMilliseconds(of: message, at: entry.place)
            guard deadline < count.readyAtMilliseconds else { return }
            core.watch(entry.sequence, of: self, deadlineMilliseconds: deadline)
        }
    }

    /// The message does not wait any more. It is still out.
    func endDelay(of entry: QueueEntry) {
        delayedCount -= 1
        delayedBytes -= Int(entry.bodyCount)
        returnCounts[entry.sequence]?.readyAtMilliseconds = 0
    }

    /// A message's delay is over, if it still waits.
    ///
    /// - Returns: false if what the index says of it is not in memory: it has been asked for on behalf of `waiter`.
    func retry(_ sequence: UInt64, orWait waiter: any PageWaiter) -> Bool {
        let place = QueueLines.Place(sequence: sequence)
        guard ready.isLive(place), isDelayed(sequence) else { return true }
        guard let entry = entry(at: place) else {
            bring(place, for: waiter)
            return false
        }
        endDelay(of: entry)
        putBack(entry)
        return true
    }

    /// What a start found waiting goes on waiting. When it expires is found out behind the start (`restoreDeadlines`).
    func holdRestoredDelays() {
        forgetReturnsOfGone()
        for (sequence, count) in returnCounts.sorted(by: { $0.key < $1.key }) where count.isDelayed {
            returnCounts[sequence]?.readyAtMilliseconds = 0
            let place = QueueLines.Place(sequence: sequence)
            guard count.readyAtMilliseconds > core.nowMilliseconds, ready.isLive(place),
                !ready.lines[place.line].isOut(at: place.number), let found = ready.load(place)
            else { continue }
            let entry = QueueEntry(found, sequence: sequence)
            take(entry)
            delay(entry, untilMilliseconds: count.readyAtMilliseconds)
        }
    }

    /// Drops all that waits for its delay.
    ///
    /// - Returns: how many there were.
    func purgeDelayed() -> Int {
        guard delayedCount > 0 else { return 0 }
        let countBefore = delayedCount
        for (sequence, count) in returnCounts.sorted(by: { $0.key < $1.key }) where count.isDelayed {
            guard let found = ready.load(QueueLines.Place(sequence: sequence)) else { continue }
            let entry = QueueEntry(found, sequence: sequence)
            endDelay(of: entry)
            core.edits.dropped(entry, of: self)
            settle(entry)
        }
        return countBefore - delayedCount
    }

    /// Messages that are gone need no counts.
    func forgetReturnsOfGone() {
        guard !returnCounts.isEmpty else { return }
        returnCounts = returnCounts.filter { ready.isLive(QueueLines.Place(sequence: $0.key)) }
    }
}
