import AMQPProtocol
import SegmentLog

// Extensions' states, which may be many more than all the rest of the topology.

extension Recovery {
    /// As `applyObject`.
    func applyState(
        _ owner: StateOwner, _ number: UInt64, _ value: FieldTable?, _ position: LogPosition, payloadCount: Int,
        oldestSegment: Int?
    ) -> Int {
        let size = SegmentLog.recordByteCount(payloadCount: payloadCount)
        // Nobody else may get the id while this is in the log.
        highestQueueID = max(highestQueueID, owner.id)
        let known = states[owner]?[number]?.record
        if let known { log.releaseRestored(known.position, share: known.share, pinned: true) }
        let oldest = self.oldestSegment(known, oldestSegment, value, position)
        guard let value else {
            states[owner]?[number] = nil
            restoreTombstone(position, size, oldest)
            return oldest
        }
        let placed = TopologyJournal.Placed(position: position, share: size, oldestSegment: oldest)
        states[owner, default: [:]][number] = FoundState(value: Self.stateValue(value), record: placed)
        log.restoreReferences(at: position, count: 1, share: size, pinned: true)
        return oldest
    }

    static func stateValue(_ value: FieldTable) -> [UInt8] {
        guard case .bytes(let bytes)? = value["value"] else { return [] }
        return bytes
    }

    /// Lets go of states whose exchange or queue is gone: that is not recorded for each of them.
    func dropStatesOfNobody() {
        guard !states.isEmpty else { return }
        var ids: Set<UInt64> = []
        for (key, object) in topology {
            switch key {
            case .exchange, .queue: ids.insert(UInt64(clamping: object.value["id"]?.integerValue ?? 0))
            default: break
            }
        }
        for owner in states.keys where !ids.contains(owner.id) {
            for state in states.removeValue(forKey: owner)?.values ?? [:].values {
                log.releaseRestored(state.record.position, share: state.record.share, pinned: true)
            }
        }
    }
}
