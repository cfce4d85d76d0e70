import Logging
import SegmentLog

// From the lines to consumers. What is not in memory is asked for, and the queue goes on when it is there: nothing here
// waits.

extension Queue: PageWaiter {
    public func pageArrived() {
        isWaitingForPage = false
        core.queuesWaitingForPages -= 1
        markForDelivery()
    }

    private func wait() -> any PageWaiter {
        if !isWaitingForPage {
            isWaitingForPage = true
            core.queuesWaitingForPages += 1
        }
        return self
    }

    /// A message that could be handed out now, and what it says.
    enum Candidate {
        case here(QueueEntry, MessageView)
        /// It has been asked for.
        case away
        case none
    }

    /// The next message in order, without taking it. Messages that turn out to be lost are settled on the way.
    func candidate(for waiter: (Queue) -> any PageWaiter) -> Candidate {
        while let place = ready.next() {
            guard let entry = entry(at: place) else {
                bring(place, for: waiter(self))
                return .away
            }
            switch messages.access(entry.handle) {
            case .here(let message): return .here(entry, message)
            case .away:
                messages.fetch(entry.handle, for: waiter(self))
                readAhead.begin(at: place, of: self)
                return .away
            case .lost:
                take(entry)
                settle(entry)
            }
        }
        return .none
    }

    @inline(__always)
    func entry(at place: QueueLines.Place) -> QueueEntry? {
        guard let found = ready.entry(at: place) else { return nil }
        var entry = QueueEntry(found, sequence: place.sequence)
        if !returnCounts.isEmpty, returnCounts[place.sequence] != nil { entry.redelivered = true }
        if !restoredEnds.isEmpty, place.number < restoredEnds[place.line] { entry.redelivered = true }
        return entry
    }

    @inline(__always)
    func take(_ entry: QueueEntry) {
        ready.take(entry.place)
        readyBytes -= Int(entry.bodyCount)
    }

    /// Brings what the index holds of a message into memory: from its side file, or, if that is damaged, from the log.
    func bring(_ place: QueueLines.Place, for waiter: any PageWaiter) {
        guard ready.isLost(place) else { return ready.fetch(place, for: waiter) }
        core.logger.error(
            "a page of a queue's index is damaged: what stood in it is looked for in the log",
            metadata: ["queue": "\(name)", "vhost": "\(virtualHost.name)", "sequence": "\(place.sequence)"])
        let (id, line) = (id, place.line)
        ready.lines[line].repair(place.number, from: core.log, for: waiter) { record, found in
            MessageView.forEachEntry(of: record) { queueID, entry in
                let place = entry.place
                if queueID == id, place.line == line { found(place.number, entry.indexEntry) }
            }
        } lost: { [weak self] number in
            self?.settleLost(QueueLines.Place(line: line, number: number))
        }
    }

    private func settleLost(_ place: QueueLines.Place) {
        core.logger.error(
            "a message is lost: it stood in a damaged page of its queue's index, and the log does not have it",
            metadata: ["queue": "\(name)", "vhost": "\(virtualHost.name)", "sequence": "\(place.sequence)"])
        ready.settle(place)
    }

    /// Hands ready messages to consumers until either runs out.
    func deliverReady() {
        isMarkedForDelivery = false
        guard !isDeleted else { return }
        if readAhead.isActive { catchUp() } else { core.catchUpShare.noteTailDeliveries(deliver(atMost: .max)) }
        dropOverflow()
        expireHeads()
    }

    /// The same for a queue whose messages come from the disk, as far as the others leave it the time.
    private func catchUp() {
        let begin = core.readMonotonicNanoseconds()
        let limit = core.catchUpShare.messagesPerQueue
        let count = deliver(atMost: limit)
        guard count > 0 || limit == 0 else { return }
        if count > 0 {
            core.catchUpShare.spend(messages: count, nanoseconds: core.readMonotonicNanoseconds() - begin)
        }
        if count == limit { core.catchUpShare.holdBack(self) }
    }

    /// - Returns: how many messages consumers have got.
    private func deliver(atMost limit: Int) -> Int {
        var count = 0
        while count < limit, !ready.isEmpty, let (consumer, isAlone) = consumers.next() {
            let run = deliver(atMost: isAlone ? limit - count : 1, to: consumer)
            count += run.count
            if run.isCutShort { break }
        }
        return count
    }

    /// Hands one consumer, which can take a message, those that come next, until it can't.
    ///
    /// - Returns: how many messages have left the line, and whether the next one is not to be had now.
    private func deliver(atMost limit: Int, to consumer: Consumer) -> (count: Int, isCutShort: Bool) {
        let channel = consumer.channel
        var count = 0
        while count < limit, !ready.isEmpty {
            // The rotation has asked before the first.
            if count > 0, !channel.canTake(consumer) { break }
            if let row = ready.nextRow() {
                let handed = deliver(row, atMost: limit - count, to: consumer, channel)
                count += handed
                if handed > 0 { continue }
            }
            switch deliverNext(to: consumer, channel) {
            case .handed: count += 1
            case .expired:
                count += 1
                consumers.giveBackTurn(to: consumer)
            case .away:
                // Its turn has not been used.
                consumers.giveBackTurn(to: consumer)
                return (count, true)
            case .none: return (count, true)
            }
        }
        return (count, false)
    }

    private enum Step {
        case handed
        case expired
        case away
        case none
    }

    /// One message, whatever has become of it.
    private func deliverNext(to consumer: Consumer, _ channel: ClientChannel) -> Step {
        switch candidate(for: { $0.wait() }) {
        case .none: return .none
        case .away: return .away
        case .here(let entry, let message):
            take(entry)
            // A TTL of 0 still reaches a consumer that is ready in the same burst, as in RabbitMQ.
            if mayExpire, deadlineMilliseconds(of: message, at: entry.place) < core.burstBeganMilliseconds {
                discard(entry, reason: .expired)
                return .expired
            }
            if !entry.handle.isTransient { readAhead.advance(past: entry, of: self) }
            if consumer.isAutoAcknowledging {
                channel.deliver(entry, message, to: consumer)
                settle(entry)
            } else {
                unacknowledgedCount += 1
                consumer.unacknowledgedCount += 1
                channel.deliver(entry, message, to: consumer)
            }
            return .handed
        }
    }

    /// Messages that need no more than to be handed out: they are in memory, have come in lately, and none can be over its
    /// time. The row ends with the first that is not so.
    ///
    /// - Returns: how many those were.
    private func deliver(
        _ row: IndexRow, atMost limit: Int, to consumer: Consumer, _ channel: ClientChannel
    ) -> Int {
        guard !mayExpire, !readAhead.isActive, returnCounts.isEmpty, restoredEnds.isEmpty else { return 0 }
        let isAutoAcknowledging = consumer.isAutoAcknowledging
        let end = min(row.count, limit)
        var count = 0
        var byteCount = 0
        while count < end {
            if count > 0, !channel.canTake(consumer) { break }
            let place = QueueLines.Place(line: 0, number: row.first + count)
            let entry = QueueEntry(row.entry(count), sequence: place.sequence)
            guard case .here(let message) = messages.access(entry.handle) else { break }
            if !isAutoAcknowledging {
                unacknowledgedCount += 1
                consumer.unacknowledgedCount += 1
            }
            channel.deliver(entry, message, to: consumer)
            count += 1
            byteCount += Int(entry.bodyCount)
            if isAutoAcknowledging { release(entry) }
        }
        readyBytes -= byteCount
        if isAutoAcknowledging {
            ready.settle(row, count: count)
        } else {
            ready.take(row, count: count)
        }
        return count
    }

    /// What basic.get finds.
    public enum Fetched {
        case message(QueueEntry, MessageView)
        /// The next message is not in memory: the waiter hears when it is.
        case away
        case empty
    }

    /// Takes the next message for basic.get. With `isAutoAcknowledging` the caller settles it after use; otherwise it
    /// counts as unacknowledged until then.
    public func get(isAutoAcknowledging: Bool, waiter: any PageWaiter) -> Fetched {
        lastUsedNanoseconds = core.nowNanoseconds
        expireHeads()
        if let breaker, breaker.isOpen { return .empty }
        switch candidate(for: { _ in waiter }) {
        case .none: return .empty
        case .away: return .away
        case .here(let entry, let message):
            take(entry)
            if !isAutoAcknowledging { unacknowledgedCount += 1 }
            return .message(entry, message)
        }
    }

    // MARK: Leaving unasked

    /// Drops what is too much at the front, once consumers have taken what they can.
    private func dropOverflow() {
        guard settings.overflow == .dropHead else { return }
        while isOverLimit, let place = ready.firstToDrop() {
            guard let entry = entry(at: place) else {
                return bring(place, for: wait())
            }
            take(entry)
            discard(entry, reason: .maxLength)
        }
    }

    private var isOverLimit: Bool {
        if let maxLength = settings.limits.maxLength, ready.count + delayedCount > maxLength { return true }
        if let maxLengthBytes = settings.limits.maxLengthBytes, readyBytes + delayedBytes > maxLengthBytes {
            return true
        }
        return false
    }

    func deadlineMilliseconds(of message: MessageView, at place: QueueLines.Place) -> UInt64 {
        deadlineMilliseconds(
            published: message.publishedAtMilliseconds, expiration: message.expirationMilliseconds, at: place)
    }

    /// Discards what is over its time at the front of the lines, and asks to be woken when the next one is.
    func expireHeads() {
        guard mayExpire, !isDeleted else { return }
        let now = core.nowMilliseconds
        var next = UInt64.max
        for line in ready.lines.indices {
            while let number = ready.lines[line].firstReady() {
                let place = QueueLines.Place(line: line, number: number)
                guard let entry = entry(at: place) else {
                    bring(place, for: wait())
                    break
                }
                guard let deadline = deadline(of: entry) else { break }
                guard deadline <= now else {
                    next = min(next, deadline)
                    break
                }
                take(entry)
                discard(entry, reason: .expired)
            }
        }
        guard next < scheduledExpiryMilliseconds else { return }
        scheduledExpiryMilliseconds = next
        core.timers.schedule(.queueExpiry(id), atNanoseconds: core.nowNanoseconds + (next - now) * 1_000_000)
    }

    /// When the message's time is over; nil if it has to be asked for first. One that is lost goes at once.
    private func deadline(of entry: QueueEntry) -> UInt64? {
        switch messages.access(entry.handle) {
        case .here(let message): return deadlineMilliseconds(of: message, at: entry.place)
        case .lost: return 0
        case .away:
            messages.fetch(entry.handle, for: wait())
            return nil
        }
    }

    // MARK: The queue itself

    /// Starts the clock of `x-expires`, which runs while nobody uses the queue.
    func scheduleUnusedExpiry() {
        guard let milliseconds = settings.limits.expiresMilliseconds, consumers.isEmpty else { return }
        core.timers.schedule(.queueUnused(id), atNanoseconds: lastUsedNanoseconds + milliseconds * 1_000_000)
    }

    /// Deletes the queue if it has been unused for its time.
    func expireIfUnused() {
        guard !isDeleted, consumers.isEmpty, let milliseconds = settings.limits.expiresMilliseconds else { return }
        if core.nowNanoseconds >= lastUsedNanoseconds + milliseconds * 1_000_000 {
            virtualHost.delete(self)
        } else {
            scheduleUnusedExpiry()
        }
    }
}
