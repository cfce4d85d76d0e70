import SegmentLog

extension Queue {
    /// Takes note of when a message that is about to join is over its time. Those that expire no sooner than all before
    /// them are found at the head, in their order; others are watched.
    ///
    /// - Parameter expirationMilliseconds: what the message itself says.
    func noteDeadline(priority: UInt8, expirationMilliseconds: UInt64?) {
        mayExpire = true
        if latestDeadlines.isEmpty {
            // Nobody has looked at the deadlines of what is here.
            latestDeadlines = ready.lines.map { $0.liveCount > 0 ? .max : 0 }
        }
        let place = QueueLines.Place(sequence: ready.nextSequence(priority: priority))
        let deadline = deadlineMilliseconds(
            published: core.nowMilliseconds, expiration: expirationMilliseconds ?? .max, at: place)
        if ready.lines[place.line].liveCount == 0 || deadline >= latestDeadlines[place.line] {
            latestDeadlines[place.line] = deadline
            if ready.liveCount == 0 { hasWatchedMessages = false }
        } else {
            hasWatchedMessages = true
            core.watch(place.sequence, of: self, deadlineMilliseconds: deadline)
        }
    }

    /// When a message's time is over, in milliseconds since 1970; `UInt64.max` for never.
    func deadlineMilliseconds(published: UInt64, expiration: UInt64, at place: QueueLines.Place) -> UInt64 {
        let (deadline, overflow) = published.addingReportingOverflow(
            min(expiration, timeToLive.milliseconds(at: place) ?? .max))
        return overflow ? .max : deadline
    }

    /// Whether messages that a start has found may expire and are not at the head, or wait for their delay.
    var needsDeadlines: Bool { ready.liveCount > 0 && (hasWatchedMessages || mayExpire && delayedCount > 0) }

    /// - Returns: false if something is not in memory: it has been asked for on behalf of `waiter`.
    func reachTime(of message: DeadlineWheel.Due, orWait waiter: any PageWaiter) -> Bool {
        switch message.purpose {
        case .expiry: expire(message.sequence, orWait: waiter)
        case .retry: retry(message.sequence, orWait: waiter)
        }
    }

    /// The time of the message with that number is over, if it is still here. One that is handed out goes when it comes
    /// back, one that waits for its delay at once.
    ///
    /// - Returns: false if what the index says of it is not in memory: it has been asked for on behalf of `waiter`.
    func expire(_ sequence: UInt64, orWait waiter: any PageWaiter) -> Bool {
        let place = QueueLines.Place(sequence: sequence)
        guard ready.isLive(place) else { return true }
        let isOut = ready.lines[place.line].isOut(at: place.number)
        guard !isOut || isDelayed(sequence) else {
            overdue.insert(sequence)
            return true
        }
        guard let entry = entry(at: place) else {
            bring(place, for: waiter)
            return false
        }
        if isOut { endDelay(of: entry) } else { take(entry) }
        discard(entry, reason: .expired)
        return true
    }
}
