import AMQPProtocol
import SegmentLog

/// Writes topology to the segment log and knows, for everything that is there now, the record that says so. These
/// records are pinned: they stay in their segment until it is emptied, and are then written again at the tail.
final class TopologyJournal {
    /// Where a record is.
    struct Placed {
        var position: LogPosition
        /// What it takes in the log, in bytes.
        let share: Int
        /// The number of the oldest segment that may hold an earlier record of the same key.
        let oldestSegment: Int
    }

    /// A deletion. It is needed as long as a record may be found that says the opposite.
    struct Tombstone {
        var record: Placed
        /// The number of the segment that the deletion was first written to.
        let segment: Int
    }

    private let log: SegmentLog
    private(set) var records: [TopologyKey: Placed]
    private(set) var tombstones: [Tombstone]
    /// Flags for records that are appended now.
    var flags: UInt16 = 0

    /// - Parameters: what recovery found alive; the log already holds a reference for each.
    init(log: SegmentLog, records: [TopologyKey: Placed], tombstones: [Tombstone]) {
        self.log = log
        self.records = records
        self.tombstones = tombstones
    }

    /// Records that the object is there, as `value` says. Durable once the log is synced up to its present tail.
    func put(_ key: TopologyKey, _ value: FieldTable) {
        let replaced = records[key]
        let payload = TopologyRecord(key: key, value: value).encoded
        let (position, share) = append(payload)
        let segment = log.segmentNumber(of: position)
        records[key] = Placed(
            position: position, share: share, oldestSegment: min(replaced?.oldestSegment ?? .max, segment))
        if let replaced { release(replaced) }
    }

    /// Records that the object is gone. Durable once the log is synced up to its present tail.
    func delete(_ key: TopologyKey) {
        guard let record = records.removeValue(forKey: key) else { return }
        let payload = TopologyRecord(key: key, value: nil).encoded
        // In the segment that the object's only record is in, it goes when that goes.
        let (position, share) = append(payload)
        let segment = log.segmentNumber(of: position)
        if record.oldestSegment < segment {
            let placed = Placed(position: position, share: share, oldestSegment: record.oldestSegment)
            tombstones.append(Tombstone(record: placed, segment: segment))
        } else {
            log.release(position, share: share, pinned: true)
        }
        release(record)
    }

    /// The record appended last takes the place of that one.
    private func release(_ record: Placed) {
        _ = log.noteSettled(record.position)
        log.release(record.position, share: record.share, pinned: true)
    }

    /// Forgets deletions that nothing contradicts any more. To be called when segments have gone.
    func dropTombstones() {
        guard !tombstones.isEmpty else { return }
        tombstones.removeAll { tombstone in
            guard !log.hasSegments(in: tombstone.record.oldestSegment..<tombstone.segment) else { return false }
            log.release(tombstone.record.position, share: tombstone.record.share, pinned: true)
            return true
        }
    }

    /// Writes a record anew, if it still says something, so that its segment can go.
    func move(_ record: Record) {
        let payload = Array(record.payload)
        guard let key = record.payload.isEmpty ? nil : TopologyRecord(decoding: record.payload)?.key else { return }
        if let placed = records[key], placed.position == record.position {
            let (position, share) = append(payload)
            records[key] = Placed(position: position, share: share, oldestSegment: placed.oldestSegment)
            release(placed)
        } else if let index = tombstones.firstIndex(where: { $0.record.position == record.position }) {
            let (position, _) = append(payload)
            tombstones[index].record.position = position
            log.release(record.position, share: tombstones[index].record.share, pinned: true)
        }
    }

    private func append(_ payload: [UInt8]) -> (LogPosition, share: Int) {
        let share = SegmentLog.recordByteCount(payloadCount: payload.count)
        let position = log.append(
            kind: RecordKind.topology.rawValue, flags: flags, payloadCount: payload.count, references: 1,
            share: share, pinned: true
        ) { $0.copyBytes(from: payload) }
        return (position, share)
    }
}

extension TopologyRecord {
    fileprivate var encoded: [UInt8] {
        var buffer = WireBuffer()
        encode(into: &buffer)
        return Array(buffer.bytes)
    }
}
