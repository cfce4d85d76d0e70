import AMQPProtocol
import Logging
import SegmentLog

/// Rebuilds the broker's state at the start: from a checkpoint and the log's records behind it, or from all records.
/// What is found goes straight into the indexes, which page out, so a start needs no more memory than a run.
final class Recovery {
    let log: SegmentLog
    let store: IndexStore
    private let cache: PageCache
    let logger: Logger

    struct TopologyObject {
        var value: FieldTable
        var record: TopologyJournal.Placed
    }
    var topology: [TopologyKey: TopologyObject] = [:]

    struct FoundState {
        var value: [UInt8]
        var record: TopologyJournal.Placed
    }
    /// Extensions' states, by number.
    var states: [StateOwner: [UInt64: FoundState]] = [:]
    var tombstones: [TopologyJournal.Tombstone] = []
    /// What groups said of topology whose commits stand in other segments than these records, until it comes again
    /// outside of the group (`TopologyJournal.restateGroup`).
    var straddling: [TopologyKey: TopologyJournal.GroupChange] = [:]
    /// The record that is being applied is such a one.
    private var isStraddling = false
    /// By id.
    var queues: [UInt64: RestoredQueue] = [:]
    /// Queues whose settles stand in a segment, by its number.
    var carried: [Int: Set<UInt64>] = [:]
    /// Messages that were on their way to a dead-letter exchange, in order.
    var discarded: [Discarded] = []
    var highestQueueID: UInt64 = 0
    /// What is replayed is behind a checkpoint.
    var isFromCheckpoint = false
    /// Records of topology that a checkpoint names and that are not there.
    var unreadTopology = 0
    /// Whether the broker was stopped in an orderly way, and nothing was handed out since.
    var wasCleanStop = false
    /// Records of a transaction whose commit has not been seen.
    private var members: [Member] = []
    private var abandoned: [Member] = []
    private var recordsSinceTrim = 0

    private struct Member {
        let kind: UInt8
        let position: LogPosition
        let payload: [UInt8]
    }

    struct Discarded {
        let place: MessageTarget
        let death: Death
    }

    init(log: SegmentLog, store: IndexStore, cache: PageCache, logger: Logger) {
        self.log = log
        self.store = store
        self.cache = cache
        self.logger = logger
        store.release = { [log] entry in
            let entry = QueueEntry(entry, sequence: 0)
            log.releaseRestored(entry.handle.position, share: entry.share)
        }
    }

    // MARK: Replay

    func replay(_ record: Record) {
        wasCleanStop = false
        guard let kind = RecordKind(rawValue: record.kind) else {
            logger.error(
                "record of an unknown kind skipped",
                metadata: ["kind": "\(record.kind)", "position": "\(record.position.rawValue)"])
            return
        }
        if kind == .commit {
            commit(record)
        } else if record.flags & RecordKind.Flag.member != 0 {
            members.append(Member(kind: record.kind, position: record.position, payload: Array(record.payload)))
        } else {
            // Members that no commit followed before the log went on have not happened.
            if !members.isEmpty { abandonMembers { _ in true } }
            apply(record.kind, record.position, record.payload)
        }
        keepWithinBudget()
    }

    private func commit(_ record: Record) {
        defer { members = [] }
        guard record.payload.count == 16 else { return }
        let count = UInt64(littleEndian: record.payload.loadUnaligned(as: UInt64.self))
        let start = UInt64(littleEndian: record.payload.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        abandonMembers { $0.position.rawValue < start }
        let segment = log.segmentNumber(of: record.position)
        let found = members.reduce(0) { $0 + (log.segmentNumber(of: $1.position) == segment ? 1 : 0) }
        // Elsewhere it is damage of the disk's that has cost a record, and the others are as good as ever.
        guard count == UInt64(found) || !log.mayBeTorn(at: record.position) else {
            logger.error(
                "transaction with missing records skipped",
                metadata: [
                    "position": "\(record.position.rawValue)", "expected": "\(count)", "found": "\(found)",
                ])
            return
        }
        for member in members {
            member.payload.withUnsafeBytes { payload in
                isStraddling = log.segmentNumber(of: member.position) != segment
                apply(member.kind, member.position, payload)
                isStraddling = false
                // Were the commit's segment to go first, the message would not have come.
                guard member.kind == RecordKind.message.rawValue else { return }
                let view = MessageView(payload: payload)
                guard view.isWellFormed else { return }
                for index in 0..<view.targetCount {
                    noteSettle(of: member.position, in: view.target(index).queueID, by: record.position)
                }
            }
        }
    }

    /// No commit was found. It may have gone with its segment, when nothing in that was needed any more: a `standing`
    /// record then says which messages have come.
    private func abandonMembers(where isAbandoned: (Member) -> Bool) {
        abandoned += members.filter { $0.kind == RecordKind.message.rawValue && isAbandoned($0) }
        members.removeAll(where: isAbandoned)
    }

    /// The page cache knows no bursts yet.
    private func keepWithinBudget() {
        recordsSinceTrim += 1
        guard recordsSinceTrim >= 4096 else { return }
        recordsSinceTrim = 0
        cache.trim(tail: log.tail)
        if cache.jobs.pendingCount > 0 { cache.jobs.drain() }
    }

    private func apply(_ kind: UInt8, _ position: LogPosition, _ payload: UnsafeRawBufferPointer) {
        var isGood = true
        switch RecordKind(rawValue: kind) {
        case .message: isGood = applyMessage(position, payload)
        case .settle:
            isGood = QueueRanges.read(payload) { queueID, range in
                for sequence in range { settle(MessageTarget(queueID: queueID, sequence: sequence), by: position) }
            }
        case .requeue: isGood = applyReturns(position, payload, as: .returned)
        case .failedReturn: isGood = applyReturns(position, payload, as: .failed)
        case .returned: isGood = applyReturns(position, payload)
        case .standing: isGood = applyStanding(position, payload)
        case .discard: isGood = applyDiscard(payload)
        case .topology: isGood = applyTopology(position, payload)
        case .start, .commit, nil: break
        }
        if !isGood {
            logger.error(
                "record that can't be read skipped",
                metadata: ["kind": "\(kind)", "position": "\(position.rawValue)"])
        }
    }

    private func applyReturns(
        _ position: LogPosition, _ payload: UnsafeRawBufferPointer, as cause: ReturnCause
    ) -> Bool {
        QueueRanges.read(payload) { queueID, range in
            guard let queue = queues[queueID] else { return }
            noteSettle(of: .zero, in: queueID, by: position)
            for sequence in range where queue.isLive(sequence) {
                queue.returnCounts[sequence, default: ReturnCount()].add(cause)
            }
        }
    }

    private func applyReturns(_ position: LogPosition, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard let statement = ReturnStatement(decoding: payload) else { return false }
        guard let queue = queues[statement.queueID] else { return true }
        noteSettle(of: .zero, in: statement.queueID, by: position)
        for (sequence, count) in statement.returns where queue.isLive(sequence) { queue.returnCounts[sequence] = count }
        return true
    }

    private func queue(_ id: UInt64) -> RestoredQueue {
        if let queue = queues[id] { return queue }
        let queue = RestoredQueue(store: store)
        queues[id] = queue
        highestQueueID = max(highestQueueID, id)
        return queue
    }

    private func applyMessage(_ position: LogPosition, _ payload: UnsafeRawBufferPointer) -> Bool {
        let view = MessageView(payload: payload)
        guard view.isWellFormed else { return false }
        let share = MessageStore.share(
            ofRecord: SegmentLog.recordByteCount(payloadCount: payload.count), among: view.targetCount)
        for index in 0..<view.targetCount { restore(view, view.target(index), at: position, share: share) }
        if let origin = view.origin { settle(origin, by: position) }
        return true
    }

    private func restore(_ view: MessageView, _ target: MessageTarget, at position: LogPosition, share: Int) {
        let queue = queue(target.queueID)
        let entry = QueueEntry(
            handle: MessageHandle(logged: position), sequence: target.sequence, bodyCount: view.bodyCount,
            share: share)
        // A record that was moved to free its segment comes twice, if the crash came before the segment went.
        let place = entry.place
        if let replaced = queue.line(place.line).restore(entry.indexEntry, at: place.number) {
            let replaced = QueueEntry(replaced, sequence: target.sequence)
            log.releaseRestored(replaced.handle.position, share: replaced.share)
            noteSettle(of: replaced.handle.position, in: target.queueID, by: position)
        } else {
            queue.durableBytes += view.bodyCount
            if !queue.returnCounts.isEmpty { queue.returnCounts[target.sequence] = nil }
        }
        log.restoreReferences(at: position, count: 1, share: share)
        if view.expires {
            queue.mayExpire = true
            queue.hasWatchedMessages = true
        }
    }

    private func settle(_ target: MessageTarget, by record: LogPosition) {
        guard let queue = queues[target.queueID] else { return }
        let place = QueueLines.Place(sequence: target.sequence)
        guard let line = queue.lines[place.line], line.isLive(at: place.number) else { return }
        if !queue.returnCounts.isEmpty { queue.returnCounts[target.sequence] = nil }
        guard let found = line.settleRestored(at: place.number) else { return }
        let entry = QueueEntry(found, sequence: target.sequence)
        queue.durableBytes -= Int(entry.bodyCount)
        log.releaseRestored(entry.handle.position, share: entry.share)
        noteSettle(of: entry.handle.position, in: target.queueID, by: record)
    }

    private func noteSettle(of position: LogPosition, in queueID: UInt64, by record: LogPosition) {
        let number = log.segmentNumber(of: record)
        guard log.segmentNumber(of: position) < number else { return }
        log.noteRestoredSettle(of: position, by: record)
        carried[number, default: []].insert(queueID)
    }

    /// What the queue held when the record was written, exactly: settles that said so may be gone.
    private func applyStanding(_ position: LogPosition, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard let standing = QueueStanding(decoding: payload) else { return false }
        // It stands for settles of any age, also where it tells nothing new to this start.
        log.noteRestoredSettle(of: .zero, by: position)
        carried[log.segmentNumber(of: position), default: []].insert(standing.queueID)
        var gone: [QueueLines.Place] = []
        queue(standing.queueID).lines[standing.line]?.forEachDurableRange(readyOnly: false) { range in
            for number in range.clamped(to: standing.span) {
                let place = QueueLines.Place(line: standing.line, number: number)
                if !standing.contains(place) { gone.append(place) }
            }
        }
        for place in gone { settle(MessageTarget(queueID: standing.queueID, sequence: place.sequence), by: position) }
        for member in abandoned { member.payload.withUnsafeBytes { restoreAbandoned(member, $0, standing) } }
        return true
    }

    private func restoreAbandoned(_ member: Member, _ payload: UnsafeRawBufferPointer, _ standing: QueueStanding) {
        let view = MessageView(payload: payload)
        guard view.isWellFormed else { return }
        let share = MessageStore.share(
            ofRecord: SegmentLog.recordByteCount(payloadCount: payload.count), among: view.targetCount)
        for index in 0..<view.targetCount {
            let target = view.target(index)
            let place = QueueLines.Place(sequence: target.sequence)
            guard target.queueID == standing.queueID, place.line == standing.line,
                standing.span.contains(place.number), standing.contains(place),
                !queue(target.queueID).isLive(target.sequence)
            else { continue }
            restore(view, target, at: member.position, share: share)
        }
    }

    private func applyDiscard(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard payload.count >= 24, payload.count % 16 == 8 else { return false }
        func load(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        for offset in stride(from: 8, to: payload.count, by: 16) {
            guard let death = Death(code: load(offset + 8)) else { return false }
            discarded.append(Discarded(place: MessageTarget(queueID: load(0), sequence: load(offset)), death: death))
        }
        return true
    }

    // MARK: Topology

    private func applyTopology(_ position: LogPosition, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard let record = TopologyRecord(decoding: payload) else { return false }
        let earlier = straddling.isEmpty ? nil : straddling.removeValue(forKey: record.key)?.oldestSegment
        let oldest: Int
        if case .extensionState(let owner, let number) = record.key {
            oldest = applyState(
                owner, number, record.value, position, payloadCount: payload.count, oldestSegment: earlier)
        } else {
            oldest = applyObject(record, position, payloadCount: payload.count, oldestSegment: earlier)
        }
        if isStraddling {
            straddling[record.key] = TopologyJournal.GroupChange(
                key: record.key, payload: Array(payload), position: position,
                oldestSegment: record.value == nil ? oldest : nil)
        }
        return true
    }

    /// - Parameter oldestSegment: see `Placed`; of what a group said of the key before, if that was all.
    /// - Returns: that of the record.
    private func applyObject(
        _ record: TopologyRecord, _ position: LogPosition, payloadCount: Int, oldestSegment: Int?
    ) -> Int {
        let size = SegmentLog.recordByteCount(payloadCount: payloadCount)
        let known = topology[record.key]
        if case .exchange = record.key { noteID(record.value) }
        if case .queue = record.key {
            // Deleted or declared anew: what an earlier queue of that name held is gone.
            if let id = known?.value["id"]?.integerValue, record.value?["id"]?.integerValue != id {
                forget(queue: UInt64(id))
            }
            noteID(record.value)
        }
        if let known { log.releaseRestored(known.record.position, share: known.record.share, pinned: true) }
        let oldest = self.oldestSegment(known?.record, oldestSegment, record.value, position)
        if let value = record.value {
            let placed = TopologyJournal.Placed(position: position, share: size, oldestSegment: oldest)
            topology[record.key] = TopologyObject(value: value, record: placed)
            log.restoreReferences(at: position, count: 1, share: size, pinned: true)
        } else {
            topology[record.key] = nil
            restoreTombstone(position, size, oldest)
        }
        return oldest
    }

    /// What `Placed.oldestSegment` is of a record.
    ///
    /// Behind a checkpoint a deletion of what is not known is one that was there before and has been moved, and so may be an
    /// object whose record the checkpoint names and that is not there. What they contradict may be anywhere before them.
    func oldestSegment(
        _ known: TopologyJournal.Placed?, _ straddling: Int?, _ value: FieldTable?, _ position: LogPosition
    ) -> Int {
        let number = log.segmentNumber(of: position)
        if known == nil, straddling == nil, isFromCheckpoint, value == nil || unreadTopology > 0 {
            return min(log.oldestSegmentNumber, number)
        }
        return min(known?.oldestSegment ?? .max, straddling ?? .max, number)
    }

    /// Exchanges and queues share their numbers.
    func noteID(_ value: FieldTable?) {
        highestQueueID = max(highestQueueID, UInt64(clamping: value?["id"]?.integerValue ?? 0))
    }

    func restoreTombstone(_ position: LogPosition, _ size: Int, _ oldest: Int) {
        guard oldest < log.segmentNumber(of: position) else { return }
        let placed = TopologyJournal.Placed(position: position, share: size, oldestSegment: oldest)
        tombstones.append(TopologyJournal.Tombstone(record: placed, segment: log.segmentNumber(of: position)))
        log.restoreReferences(at: position, count: 1, share: size, pinned: true)
    }

    func forget(queue id: UInt64) {
        guard let queue = queues.removeValue(forKey: id) else { return }
        for line in queue.lines.values { line.removeAll(store.release) }
    }
}
