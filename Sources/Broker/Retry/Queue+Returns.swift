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
            delay(
                entry,
                milliseconds: retry.delayMilliseconds(
                    count: count.count(of: retry.kind), chance: .random(in: 0 ... .max)))
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

    // MARK: Delay

    /// The message stays out, in nobody's hands, until the time is over. After a restart it is ready at once.
    private func delay(_ entry: QueueEntry, milliseconds: UInt64) {
        delayedCount += 1
        delayedBytes += Int(entry.bodyCount)
        returnCounts[entry.sequence]?.isDelayed = true
        core.watch(entry.sequence, of: self, for: .retry, deadlineMilliseconds: core.nowMilliseconds + milliseconds)
        markForDelivery()
    }

    /// A message's delay is over.
    ///
    /// - Returns: false if what the index says of it is not in memory: it has been asked for on behalf of `waiter`.
    func retry(_ sequence: UInt64, orWait waiter: any PageWaiter) -> Bool {
        let place = QueueLines.Place(sequence: sequence)
        guard ready.isLive(place) else { return true }
        guard let entry = entry(at: place) else {
            bring(place, for: waiter)
            return false
        }
        delayedCount -= 1
        delayedBytes -= Int(entry.bodyCount)
        returnCounts[sequence]?.isDelayed = false
        if overdue.remove(sequence) != nil {
            discard(entry, reason: .expired)
        } else {
            putBack(entry)
        }
        return true
    }
}
