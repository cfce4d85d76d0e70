import AMQPProtocol
import SegmentLog

/// Writes topology to the segment log and knows, for everything that is there now, the record that says so. These
/// records are pinned: before the log can drop a segment, the ones in it are written again at the tail.
final class TopologyJournal {
    private let log: SegmentLog
    private var records: [TopologyKey: LogPosition]

    /// - Parameter records: what recovery found alive; the log already holds a reference for each.
    init(log: SegmentLog, records: [TopologyKey: LogPosition]) {
        self.log = log
        self.records = records
    }

    /// Records that the object is there, as `value` says. Durable once the log is synced up to its present tail.
    func put(_ key: TopologyKey, _ value: FieldTable) {
        let position = append(TopologyRecord(key: key, value: value), references: 1)
        if let replaced = records.updateValue(position, forKey: key) { log.release(replaced, pinned: true) }
    }

    /// Records that the object is gone. Durable once the log is synced up to its present tail.
    func delete(_ key: TopologyKey) {
        guard let position = records.removeValue(forKey: key) else { return }
        _ = append(TopologyRecord(key: key, value: nil), references: 0)
        log.release(position, pinned: true)
    }

    /// Frees the log's oldest segment of what pins it. Called at the end of a burst; nothing to do, mostly.
    func relocateIfNeeded() {
        guard let range = log.oldestSegmentToRelocate else { return }
        for (key, position) in records where range.contains(position) {
            if let payload = log.payload(at: position) {
                records[key] = append(Array(payload), references: 1)
            } else {
                // Damaged on disk, which the log has reported: the object lives on until the broker stops.
                records[key] = nil
            }
            log.release(position, pinned: true)
        }
    }

    private func append(_ record: TopologyRecord, references: Int) -> LogPosition {
        var buffer = WireBuffer()
        record.encode(into: &buffer)
        return append(Array(buffer.bytes), references: references)
    }

    private func append(_ payload: [UInt8], references: Int) -> LogPosition {
        log.append(
            kind: RecordKind.topology.rawValue, payloadCount: payload.count, references: references, pinned: true
        ) { $0.copyBytes(from: payload) }
    }
}
