import SegmentLog

/// Empties segments that are mostly dead: what is alive in them is written again at the log's end, page by page, so that
/// the file can go. Who holds a message meanwhile does not notice.
final class RecordMover: PageWaiter {
    private unowned let core: BrokerCore
    /// A page was asked for and is not there yet.
    private var isWaiting = false

    private var lastTail: UInt64

    init(core: BrokerCore) {
        self.core = core
        lastTail = core.log.tail.rawValue
    }

    func pageArrived() {
        isWaiting = false
        core.wantsTurn = true
    }

    /// Bytes of pages that are looked at for each byte that clients have appended, and bytes that are copied: what is emptied
    /// must be gone before the segment that is being filled is full. These are bounds of the pace; in the long run no more is
    /// copied than comes free, as only segments are emptied that are less than half alive.
    private static let bytesLookedAtPerByte = 6
    private static let bytesCopiedPerByte = 4
    /// What can be saved up of either: less than a millisecond's work.
    private static let creditBytesMax = 512 << 10
    /// Clients that have appended nothing for so long are not in the way.
    private static let idleNanoseconds: UInt64 = 1_000_000

    /// With more than this on the way to the disk nothing is moved.
    private static let unwrittenBytesMax = 4 << 20

    private var lookCredit = 0
    private var copyCredit = 0
    private var lastAppendNanoseconds: UInt64 = 0
    /// A turn has been asked for then, for the case that the clients fall silent.
    private var wakeUpNanoseconds: UInt64 = 0

    /// Moves some pages' records, if there is something to do and what it needs is in memory: as much as clients have
    /// appended entitles it to, or one page if they append nothing. At the end of a burst, when settles have been written.
    func step() {
        let appended = Int(core.log.tail.rawValue - lastTail)
        if appended > 0 {
            lastAppendNanoseconds = core.nowNanoseconds
            lookCredit = min(lookCredit + appended * Self.bytesLookedAtPerByte, Self.creditBytesMax)
            copyCredit = min(copyCredit + appended * Self.bytesCopiedPerByte, Self.creditBytesMax)
        }
        lastTail = core.log.tail.rawValue
        // Who waits for the disk is not idle.
        if core.log.unwrittenByteCount == 0, core.nowNanoseconds - lastAppendNanoseconds >= Self.idleNanoseconds {
            if movePage() { core.wantsTurn = true }
        } else {
            while lookCredit > 0, copyCredit > 0, movePage() {
                lookCredit -= core.configuration.logPageBytes
                copyCredit -= Int(core.log.tail.rawValue - lastTail)
                lastTail = core.log.tail.rawValue
            }
            if core.log.isEmptyingSegment, wakeUpNanoseconds <= core.nowNanoseconds {
                wakeUpNanoseconds = core.nowNanoseconds + Self.idleNanoseconds
                core.wakeUp(atNanoseconds: wakeUpNanoseconds)
            }
        }
        // The copies are none of the clients' doing.
        lastTail = core.log.tail.rawValue
    }

    /// - Returns: whether a page has been moved.
    private func movePage() -> Bool {
        // Copies must not be what clients wait for the disk with. And segments that are only waiting to go make room without
        // anything being moved.
        guard !isWaiting, core.log.unwrittenByteCount <= Self.unwrittenBytesMax, core.yieldedConnections.isEmpty,
            core.log.isEmptyingSegment || !core.log.hasDeadSegments
        else { return false }
        isWaiting = true
        guard let page = core.log.pageToMove(for: self) else {
            isWaiting = core.log.isFetchingPageToMove
            return false
        }
        isWaiting = false
        defer { lastQueue = nil }
        var hasMoved = false
        core.log.moveRecords(ofPage: page, where: isAlive) { records in
            guard areIndexesHere(records) else { return }
            for record in records { move(record) }
            hasMoved = true
        }
        if hasMoved {
            // What was said of the copies belongs with them.
            core.record()
            core.log.hasMovedRecords(ofPage: page)
        }
        return hasMoved
    }

    private func isAlive(_ record: Record) -> Bool {
        switch RecordKind(rawValue: record.kind) {
        case .message:
            var isAlive = false
            forEachLiveTarget(of: record) { _, _ in isAlive = true }
            return isAlive
        // The journal knows.
        case .topology: return true
        default: return false
        }
    }

    /// Whether the indexes' pages that the messages stand in are in memory. Asks for those that are not; one that is being
    /// written is free when that is done, which brings up a turn.
    private func areIndexesHere(_ records: [Record]) -> Bool {
        var isHere = true
        for record in records where record.kind == RecordKind.message.rawValue {
            forEachLiveTarget(of: record) { queue, place in
                guard !queue.ready.lines[place.line].canReplace(at: place.number), !queue.ready.isLost(place) else {
                    return
                }
                isHere = false
                if queue.ready.entry(at: place) == nil {
                    isWaiting = true
                    queue.ready.fetch(place, for: self)
                }
            }
        }
        return isHere
    }

    /// The queue that was looked up last while a page is looked at: most messages of a page are of a few.
    private var lastQueue: Queue?

    private func queue(_ id: UInt64) -> Queue? {
        if let lastQueue, lastQueue.id == id { return lastQueue }
        lastQueue = core.queuesByID[id]
        return lastQueue
    }

    @inline(__always)
    private func forEachLiveTarget(of record: Record, _ body: (Queue, QueueLines.Place) -> Void) {
        let view = MessageView(payload: record.payload)
        guard view.isWellFormed else { return }
        for index in 0..<view.targetCount {
            let target = view.target(index)
            guard let queue = queue(target.queueID) else { continue }
            let place = QueueLines.Place(sequence: target.sequence)
            guard queue.ready.isLive(place) else { continue }
            body(queue, place)
        }
    }

    private func move(_ record: Record) {
        switch RecordKind(rawValue: record.kind) {
        case .message: moveMessage(record)
        case .topology: core.journal.move(record)
        default: break
        }
    }

    private func moveMessage(_ record: Record) {
        var holders: [(queue: Queue, place: QueueLines.Place, entry: QueueEntry)] = []
        forEachLiveTarget(of: record) { queue, place in
            guard let found = queue.ready.entry(at: place) else { return }
            let entry = QueueEntry(found, sequence: place.sequence)
            // An earlier copy of a message that has been moved already.
            guard entry.handle == MessageHandle(logged: record.position) else { return }
            holders.append((queue, place, entry))
        }
        guard !holders.isEmpty else { return }
        let view = MessageView(payload: record.payload)
        let targets = holders.map { MessageTarget(queueID: $0.queue.id, sequence: $0.entry.sequence) }
        let stored = core.messages.appendCopy(of: view, targets: targets)
        // A start without a checkpoint would bring it back where it was, if the copy and its end went first.
        for holder in holders { core.noteSettled(record.position, in: holder.queue) }
        var names = 0
        for (queue, place, entry) in holders {
            let moved = QueueEntry(
                handle: stored.handle, sequence: entry.sequence, bodyCount: Int(entry.bodyCount), share: stored.share)
            queue.ready.lines[place.line].replace(at: place.number, with: moved.indexEntry)
            core.log.release(record.position, share: entry.share)
            // Whoever was handed it knows it by its old place.
            if queue.ready.lines[place.line].isOut(at: place.number) { names += 1 }
            // Without its first record, what has been said of its returns would be of a message that is not known.
            if queue.returnCounts[entry.sequence] != nil { queue.stateReturns(of: entry) }
        }
        core.log.forward(record.position, to: stored.handle.position, share: stored.share, names: names)
    }
}
