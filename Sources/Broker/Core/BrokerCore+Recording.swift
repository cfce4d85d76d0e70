import DequeModule
import SegmentLog

// What happens to messages, as records of the log: what left queues, what came back to them, transactions.

extension BrokerCore {
    /// Runs changes that the log must hold all or none of, and moves what they reject: that belongs to them.
    public func asOneGroup(_ body: () -> Void) {
        asOneGroupOfRecords {
            body()
            moveDeadLetters()
        }
    }

    /// Runs changes that the log must hold all or none of.
    func asOneGroupOfRecords(_ body: () -> Void) {
        precondition(recordFlags == 0, "groups don't nest")
        record()
        let start = log.tail
        let countBefore = log.recordsAppended
        recordFlags = RecordKind.Flag.member
        journal.flags = recordFlags
        body()
        record()
        recordFlags = 0
        journal.flags = 0
        let count = log.recordsAppended - countBefore
        if count > 0 {
            // Those before this segment are synced already, and some of them may go before the rest.
            let countHere = UInt64(log.beginsSegment(payloadCount: 16) ? 0 : min(count, log.recordsInSegment))
            append(.commit, payloadCount: 16) { payload in
                payload.storeBytes(of: countHere.littleEndian, as: UInt64.self)
                payload.storeBytes(of: start.rawValue.littleEndian, toByteOffset: 8, as: UInt64.self)
            }
            // Were the commit's segment to go before the members', these would not have happened.
            if let segment = log.noteSettled(start) {
                carriedQueues[segment, default: []].formUnion(groupQueueIDs)
                journal.restateGroup()
            }
        }
        groupQueueIDs.removeAll(keepingCapacity: true)
    }

    /// What is to be dead-lettered and could not be yet: after a crash it goes on. One record for each queue.
    private func recordDiscards() {
        // Those that are recorded come first.
        let first = pendingDeadLetters.lastIndex { $0.isRecorded }.map { $0 + 1 } ?? 0
        guard first < pendingDeadLetters.count else { return }
        var lettersByQueue: [UInt64: [PendingDeadLetter]] = [:]
        for index in first..<pendingDeadLetters.count {
            pendingDeadLetters[index].isRecorded = true
            let letter = pendingDeadLetters[index]
            if letter.isDurable { lettersByQueue[letter.queue.id, default: []].append(letter) }
        }
        for (_, letters) in lettersByQueue.sorted(by: { $0.key < $1.key }) {
            for begin in stride(from: 0, to: letters.count, by: rangesPerRecordMax) {
                let part = letters[begin..<min(begin + rangesPerRecordMax, letters.count)]
                let oldest = part.reduce(LogPosition(rawValue: .max)) { min($0, $1.entry.handle.position) }
                appendDiscards(part.map { ($0.entry.sequence, $0.death) }, of: letters[0].queue)
                noteSettled(oldest, in: letters[0].queue)
            }
        }
    }

    /// Says that a message waits for its dead-letter exchange: after a crash it is not ready, but goes on waiting.
    func recordDiscard(_ letter: PendingDeadLetter) {
        appendDiscards([(letter.entry.sequence, letter.death)], of: letter.queue)
        noteSettled(letter.entry.handle.position, in: letter.queue)
    }

    private func appendDiscards(_ letters: [(sequence: UInt64, death: Death)], of queue: Queue) {
        append(.discard, payloadCount: 8 + letters.count * Self.discardBytes) { payload in
            payload.storeBytes(of: queue.id.littleEndian, as: UInt64.self)
            var offset = 8
            for letter in letters {
                payload.storeBytes(of: letter.sequence.littleEndian, toByteOffset: offset, as: UInt64.self)
                payload.storeBytes(of: letter.death.code.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
                offset += Self.discardBytes
            }
        }
    }

    /// The same of what is on its way and of what nobody takes, behind records that said so and are about to go.
    private func carryDiscards(of queue: Queue, then: () -> Void) {
        var letters: [(sequence: UInt64, death: Death)] = []
        func write() {
            guard !letters.isEmpty else { return }
            appendDiscards(letters, of: queue)
            then()
            letters.removeAll(keepingCapacity: true)
        }
        func add(_ sequence: UInt64, _ death: Death) {
            letters.append((sequence, death))
            if letters.count == rangesPerRecordMax { write() }
        }
        for letter in pendingDeadLetters where letter.queue === queue && letter.isDurable && letter.isRecorded {
            add(letter.entry.sequence, letter.death)
        }
        queue.undeliverable?.forEach { add($0.sequence, $0.death) }
        write()
    }

    /// The queue has something to record at the end of the burst.
    func note(_ queue: Queue) {
        guard !queue.isNoted else { return }
        queue.isNoted = true
        queuesToRecord.append(queue)
    }

    /// Records what left queues for good, what came back to them, and what is on its way to a dead-letter exchange, since the
    /// last time: one record a queue for each.
    func record() {
        if !pendingDeadLetters.isEmpty { recordDiscards() }
        guard !queuesToRecord.isEmpty else { return }
        for queue in queuesToRecord {
            queue.isNoted = false
            if !queue.settledRanges.isEmpty {
                append(.settle, of: queue.id, queue.settledRanges) { noteSettled(queue.oldestSettled, in: queue) }
                queue.oldestSettled = LogPosition(rawValue: .max)
                queue.settledRanges.removeAll(keepingCapacity: true)
            }
            recordReturns(to: queue)
        }
        queuesToRecord.removeAll(keepingCapacity: true)
    }

    private func recordReturns(to queue: Queue) {
        if !queue.returnedRanges.isEmpty {
            append(.requeue, of: queue.id, queue.returnedRanges) { noteSettled(queue.oldestReturned, in: queue) }
            queue.returnedRanges.removeAll(keepingCapacity: true)
        }
        if !queue.failedRanges.isEmpty {
            append(.failedReturn, of: queue.id, queue.failedRanges) { noteSettled(queue.oldestReturned, in: queue) }
            queue.failedRanges.removeAll(keepingCapacity: true)
        }
        if !queue.returnsToState.isEmpty {
            append(returns: queue.returnsToState, to: queue) { noteSettled(queue.oldestReturned, in: queue) }
            queue.returnsToState.removeAll(keepingCapacity: true)
        }
        queue.oldestReturned = LogPosition(rawValue: .max)
    }

    /// What is known of these messages' returns.
    private func append(returns sequences: some Collection<UInt64>, to queue: Queue, then: () -> Void) {
        var statement = ReturnStatement(queueID: queue.id)
        func write() {
            guard !statement.returns.isEmpty else { return }
            append(.returned, payloadCount: statement.byteCount) { statement.fill($0) }
            then()
            statement.returns.removeAll(keepingCapacity: true)
        }
        for sequence in sequences {
            guard let count = queue.returnCounts[sequence] else { continue }
            statement.returns.append((sequence, count))
            if statement.byteCount > log.payloadByteCountMax / 4 { write() }
        }
        write()
    }

    /// - Parameter then: is called behind each record that it takes: a record has a largest size.
    private func append(
        _ kind: RecordKind, of queueID: UInt64, _ ranges: [Range<UInt64>], then: () -> Void
    ) {
        guard ranges.count > rangesPerRecordMax else {
            append(kind, payloadCount: QueueRanges.byteCount(ranges)) {
                QueueRanges.fill($0, queueID: queueID, ranges)
            }
            return then()
        }
        append(kind, of: queueID, Array(ranges[..<rangesPerRecordMax]), then: then)
        append(kind, of: queueID, Array(ranges[rangesPerRecordMax...]), then: then)
    }

    /// A quarter of what the log takes.
    private var rangesPerRecordMax: Int { log.payloadByteCountMax / 4 / 16 }

    /// The record appended last says that a message is gone whose own record is at `position`.
    func noteSettled(_ position: LogPosition, in queue: Queue) {
        // The commit may go before the record, which would then not count.
        if recordFlags != 0 { groupQueueIDs.insert(queue.id) }
        guard let segment = log.noteSettled(position) else { return }
        carriedQueues[segment, default: []].insert(queue.id)
    }

    /// Says anew what dead segments say of older ones that stay, so that the dead can go: not what left the queues, which
    /// nobody remembers, but what they hold, what of that waits for a dead-letter exchange, and how often it has come back.
    ///
    /// The last two may be more than a segment could hold, and would have to be said anew as soon as they have been. Then a
    /// segment stays until a checkpoint has all that it says, and they are left to that: a start that has lost it finds such
    /// messages ready, and their returns not counted.
    func carry() {
        var bytesLeft = configuration.segmentBytes / 4
        for number in log.takeSegmentsToCarry() {
            let queues = (carriedQueues[number] ?? []).sorted().compactMap { queuesByID[$0] }
            let byteCount = queues.reduce(0) { $0 + carriedByteCount(of: $1) }
            let fits = byteCount <= bytesLeft
            // Otherwise it is asked for again.
            guard fits || log.isInCheckpoint(segment: number) else { continue }
            carriedQueues[number] = nil
            for queue in queues { carry(queue, from: number, withLists: fits) }
            if fits { bytesLeft -= byteCount }
            log.hasCarried(number)
        }
    }

    private func carry(_ queue: Queue, from number: Int, withLists: Bool) {
        func noteCarried() {
            if let segment = log.noteCarried(from: number) { carriedQueues[segment, default: []].insert(queue.id) }
        }
        for part in QueueStanding.parts(of: queue, byteCountMax: log.payloadByteCountMax / 4) {
            let payload = part.encode()
            append(.standing, payloadCount: payload.count) { $0.copyBytes(from: payload) }
            noteCarried()
        }
        guard withLists else { return }
        carryDiscards(of: queue, then: noteCarried)
        append(returns: queue.returnCounts.keys, to: queue, then: noteCarried)
    }

    /// What `carry` writes of a queue's lists, at the most.
    private func carriedByteCount(of queue: Queue) -> Int {
        queue.returnCounts.count * ReturnStatement.returnBytes
            + (queue.undeliverableCount + pendingDeadLetters.count) * Self.discardBytes
    }

    private static let discardBytes = 16

    func append(_ kind: RecordKind, payloadCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        _ = log.append(
            kind: kind.rawValue, flags: recordFlags, payloadCount: payloadCount, references: 0, share: 0, fill: fill)
    }
}
