import Logging
import SegmentLog

extension Queue {
    /// How many dead letters nobody takes.
    public var undeliverableCount: Int { undeliverable?.count ?? 0 }

    /// What the first of them died of, by reason, as far as memory tells: the others are not read for it.
    ///
    /// - Parameter countMax: how many are looked at.
    public func undeliverableReasons(countMax: Int) -> (counts: [String: Int], isComplete: Bool) {
        var counts: [String: Int] = [:]
        guard let set = undeliverable else { return (counts, true) }
        var (looked, number) = (0, 0)
        while looked < countMax, case .member(let member) = set.next(from: number) {
            counts[member.death.reason.rawValue, default: 0] += 1
            looked += 1
            number = member.number + 1
        }
        return (counts, looked == set.count)
    }

    /// Keeps a dead letter that nobody takes. It is out already, and stays so; after a restart as well.
    func keep(_ letter: PendingDeadLetter, _ cause: DeadLetterOutcome.Cause) {
        if undeliverableCount == 0, core.deadLetterAlerts.undeliverableBegan(in: self) {
            core.logger.warning(
                "messages that are to leave a queue can't be delivered now: they stay in it, and are tried again",
                metadata: [
                    "queue": "\(name)", "vhost": "\(virtualHost.name)",
                    "deadLetterExchange": "\(settings.deadLetterExchange ?? "")",
                    "reason": "\(letter.death.reason.rawValue)",
                    "cause": "\(cause.rawValue)",
                ])
        }
        let isDurable = isPersistent && !letter.entry.handle.isTransient
        if isDurable, !letter.isRecorded { core.recordDiscard(letter) }
        let set = undeliverable ?? UndeliverableSet(store: core.indexes)
        undeliverable = set
        set.add(letter.entry.sequence, letter.death, isDurable: isDurable)
        core.undeliverableRetry.add(self)
    }

    /// Drops all dead letters that nobody takes, as a purge does.
    ///
    /// - Returns: how many there were.
    func purgeUndeliverable() -> Int {
        guard let set = undeliverable else { return 0 }
        let count = set.count
        set.forEach { member in
            let place = QueueLines.Place(sequence: member.sequence)
            if ready.isLive(place), let found = ready.load(place) {
                let entry = QueueEntry(found, sequence: member.sequence)
                core.edits.dropped(entry, of: self)
                settle(entry)
            }
            set.remove(member)
        }
        undeliverable = nil
        return count
    }

    /// Takes what a start found in the set out of the line: it is not ready.
    func holdRestoredUndeliverable() {
        guard let set = undeliverable else { return }
        set.forEach { member in
            let place = QueueLines.Place(sequence: member.sequence)
            guard ready.isLive(place), !ready.lines[place.line].isOut(at: place.number), let found = ready.load(place)
            else { return set.remove(member) }
            take(QueueEntry(found, sequence: member.sequence))
        }
        guard set.count > 0 else { return }
        core.undeliverableRetry.add(self)
        _ = core.deadLetterAlerts.undeliverableBegan(in: self)
    }
}
