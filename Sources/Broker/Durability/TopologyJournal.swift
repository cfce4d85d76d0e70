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
    private var records: [TopologyKey: Placed]
    /// Those of extensions' states, which may be very many: by number.
    private var states: [StateOwner: [UInt64: Placed]]
    private(set) var tombstones: [Tombstone]
    /// Flags for records that are appended now. A change to other than 0 begins a group.
    var flags: UInt16 = 0 {
        didSet { if flags != 0 { groupChanges.removeAll(keepingCapacity: true) } }
    }
    /// What has been recorded in the group.
    private var groupChanges: [GroupChange]

    /// What a record of a group says.
    struct GroupChange {
        let key: TopologyKey
        let payload: [UInt8]
        let position: LogPosition
        /// `nil` for what is there; for a deletion, see `Placed.oldestSegment`.
        let oldestSegment: Int?
    }

    /// - Parameters:
    ///   - records, states, tombstones: what recovery found alive; the log already holds a reference for each.
    ///   - straddling: what is to be said anew, by `restateGroup`: a crash came before that.
    init(
        log: SegmentLog, records: [TopologyKey: Placed], states: [StateOwner: [UInt64: Placed]],
        tombstones: [Tombstone], straddling: [GroupChange]
    ) {
        groupChanges = straddling
        self.log = log
        self.records = records
        self.states = states
        self.tombstones = tombstones
    }

    /// How many objects there are.
    var count: Int { states.values.reduce(records.count) { $0 + $1.count } }

    func forEachRecord(_ body: (Placed) -> Void) {
        for record in records.values { body(record) }
        for state in states.values {
            for record in state.values { body(record) }
        }
    }

    private subscript(key: TopologyKey) -> Placed? {
        get {
            guard case .extensionState(let owner, let number) = key else { return records[key] }
            return states[owner]?[number]
        }
        set {
            guard case .extensionState(let owner, let number) = key else { return records[key] = newValue }
            states[owner, default: [:]][number] = newValue
        }
    }

    /// Records that the object is there, as `value` says. Durable once the log is synced up to its present tail.
    func put(_ key: TopologyKey, _ value: FieldTable) {
        let replaced = self[key]
        let payload = TopologyRecord(key: key, value: value).encoded
        let (position, share) = append(payload)
        let segment = log.segmentNumber(of: position)
        self[key] = Placed(
            position: position, share: share, oldestSegment: min(replaced?.oldestSegment ?? .max, segment))
        if flags != 0 {
            groupChanges.append(GroupChange(key: key, payload: payload, position: position, oldestSegment: nil))
        }
        if let replaced { release(replaced) }
    }

    /// Records that the object is gone. Durable once the log is synced up to its present tail.
    func delete(_ key: TopologyKey) {
        guard let record = self[key] else { return }
        self[key] = nil
        let payload = TopologyRecord(key: key, value: nil).encoded
        let position = appendDeletion(payload, oldestSegment: record.oldestSegment)
        if flags != 0 {
            groupChanges.append(
                GroupChange(key: key, payload: payload, position: position, oldestSegment: record.oldestSegment))
        }
        release(record)
    }

    /// In the segment that the object's only record is in, a deletion goes when that goes.
    private func appendDeletion(_ payload: [UInt8], oldestSegment: Int) -> LogPosition {
        let (position, share) = append(payload)
        let segment = log.segmentNumber(of: position)
        if oldestSegment < segment {
            let placed = Placed(position: position, share: share, oldestSegment: oldestSegment)
            tombstones.append(Tombstone(record: placed, segment: segment))
        } else {
            log.release(position, share: share, pinned: true)
        }
        return position
    }

    /// The exchange or queue of that id is gone, which has been recorded: a start then forgets its states by itself.
    func forgetStates(ofOwner id: UInt64) {
        guard !states.isEmpty else { return }
        for owner in states.keys.filter({ $0.id == id }) {
            for record in states.removeValue(forKey: owner)?.values ?? [:].values { release(record) }
        }
    }

    /// Says anew what the group that has ended said of topology, without its being a group's: its commit stands in
    /// another segment than these records and may go before them, and they would then count for nothing.
    func restateGroup() {
        for change in groupChanges {
            if let oldestSegment = change.oldestSegment {
                guard self[change.key] == nil else { continue }
                _ = appendDeletion(change.payload, oldestSegment: oldestSegment)
            } else if let placed = self[change.key], placed.position == change.position {
                let (position, share) = append(change.payload)
                self[change.key] = Placed(position: position, share: share, oldestSegment: placed.oldestSegment)
                release(placed)
            }
        }
        groupChanges.removeAll(keepingCapacity: true)
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
        if let placed = self[key], placed.position == record.position {
            let (position, share) = append(payload)
            self[key] = Placed(position: position, share: share, oldestSegment: placed.oldestSegment)
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
