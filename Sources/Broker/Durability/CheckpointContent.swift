import DequeModule
import SegmentLog

/// What stands in a checkpoint: all that the records before its position say, in the order in which it is read back.
enum CheckpointContent {
    private static let version: UInt32 = 3

    static func encode(_ core: BrokerCore, isClean: Bool) -> [UInt8] {
        core.indexes.reapForCheckpoint()
        var encoder = CheckpointEncoder()
        encoder.append(version)
        encoder.append(UInt8(isClean ? 1 : 0))
        encoder.append(core.nextQueueID)
        core.log.encodeSegments(into: &encoder)
        encodeCarried(core.carriedQueues, into: &encoder)
        encodeTopology(core.journal, into: &encoder)
        let queues = core.queuesByID.values.filter(\.isPersistent)
        encoder.append(UInt64(queues.count))
        for queue in queues {
            encoder.append(queue.id)
            RestoredQueue.encode(queue, into: &encoder)
        }
        encodeDiscarded(core.pendingDeadLetters, into: &encoder)
        core.indexes.encodeReaped(into: &encoder)
        return encoder.bytes
    }

    private static func encodeCarried(_ carried: [Int: Set<UInt64>], into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(carried.count))
        for (segment, queues) in carried {
            encoder.append(UInt64(segment))
            encoder.append(UInt64(queues.count))
            for queue in queues { encoder.append(queue) }
        }
    }

    private static func encodeTopology(_ journal: TopologyJournal, into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(journal.count))
        journal.forEachRecord { encode($0, into: &encoder) }
        encoder.append(UInt64(journal.tombstones.count))
        for tombstone in journal.tombstones {
            encode(tombstone.record, into: &encoder)
            encoder.append(UInt64(tombstone.segment))
        }
    }

    private static func encode(_ record: TopologyJournal.Placed, into encoder: inout CheckpointEncoder) {
        encoder.append(record.position.rawValue)
        encoder.append(UInt64(record.share))
        encoder.append(UInt64(record.oldestSegment))
    }

    private static func encodeDiscarded(_ letters: Deque<PendingDeadLetter>, into encoder: inout CheckpointEncoder) {
        let durable = letters.filter { $0.queue.isPersistent && !$0.entry.handle.isTransient && !$0.queue.isDeleted }
        encoder.append(UInt64(durable.count))
        for letter in durable {
            encoder.append(letter.queue.id)
            encoder.append(letter.entry.sequence)
            encoder.append(letter.death.code)
        }
    }

    /// Reads what `encode` wrote into a recovery and a log that know nothing yet.
    ///
    /// - Throws: if it says what can't be. Recovery and log are then of no use any more.
    static func decode(
        _ bytes: [UInt8], into recovery: Recovery, log: SegmentLog
    ) throws(CheckpointDecoder.Malformed) {
        var decoder = CheckpointDecoder(bytes)
        guard try decoder.read(UInt32.self) == version else { throw CheckpointDecoder.Malformed() }
        recovery.wasCleanStop = try decoder.read(UInt8.self) != 0
        recovery.highestQueueID = try decoder.read(UInt64.self) &- 1
        try log.prepareSegments(from: &decoder)
        for _ in 0..<(try decoder.readCount(of: 16)) {
            let segment = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
            for _ in 0..<(try decoder.readCount(of: 8)) {
                recovery.carried[segment, default: []].insert(try decoder.read())
            }
        }
        var records: [TopologyJournal.Placed] = []
        for _ in 0..<(try decoder.readCount(of: 24)) { records.append(try placed(from: &decoder)) }
        for _ in 0..<(try decoder.readCount(of: 32)) {
            let record = try placed(from: &decoder)
            let segment = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
            recovery.tombstones.append(TopologyJournal.Tombstone(record: record, segment: segment))
        }
        var slots: Set<Int32> = []
        for _ in 0..<(try decoder.readCount(of: 33)) {
            let id: UInt64 = try decoder.read()
            recovery.queues[id] = try RestoredQueue(from: &decoder, store: recovery.store, slots: &slots)
        }
        for _ in 0..<(try decoder.readCount(of: 24)) {
            let place = MessageTarget(queueID: try decoder.read(), sequence: try decoder.read())
            guard let death = Death(code: try decoder.read()) else { throw CheckpointDecoder.Malformed() }
            recovery.discarded.append(Recovery.Discarded(place: place, death: death))
        }
        try recovery.store.decodeReaped(from: &decoder, slots: &slots)
        guard decoder.isAtEnd else { throw CheckpointDecoder.Malformed() }
        recovery.store.restoreSlots(slots)
        recovery.adoptTopology(records)
    }

    private static func placed(
        from decoder: inout CheckpointDecoder
    ) throws(CheckpointDecoder.Malformed) -> TopologyJournal.Placed {
        TopologyJournal.Placed(
            position: LogPosition(rawValue: try decoder.read()),
            share: Int(truncatingIfNeeded: try decoder.read(UInt64.self)),
            oldestSegment: Int(truncatingIfNeeded: try decoder.read(UInt64.self)))
    }
}
