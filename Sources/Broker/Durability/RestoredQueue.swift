import SegmentLog

/// What a start knows of a queue's messages, by the queue's id: the queue itself may not have been read yet.
final class RestoredQueue {
    var lines: [Int: PagedIndex] = [:]
    var durableBytes = 0
    var returnCounts: [UInt64: ReturnCount] = [:]
    var mayExpire = false
    /// Messages may expire that are not at the head.
    var hasWatchedMessages = false
    /// Nothing recorded says which messages a consumer had seen when the broker stopped.
    var mayHaveBeenHandedOut = true
    /// Dead letters that nobody takes.
    var undeliverable: UndeliverableSet?
    private let store: IndexStore

    init(store: IndexStore) {
        self.store = store
    }

    func line(_ number: Int) -> PagedIndex {
        if let line = lines[number] { return line }
        let line = PagedIndex(store: store)
        lines[number] = line
        return line
    }

    func isLive(_ sequence: UInt64) -> Bool {
        let place = QueueLines.Place(sequence: sequence)
        return lines[place.line]?.isLive(at: place.number) ?? false
    }

    // MARK: In a checkpoint

    init(
        from decoder: inout CheckpointDecoder, store: IndexStore, slots: inout Set<Int32>
    ) throws(CheckpointDecoder.Malformed) {
        self.store = store
        let flags = try decoder.read(UInt8.self)
        mayExpire = flags & 1 != 0
        hasWatchedMessages = flags & 2 != 0
        durableBytes = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        for _ in 0..<(try decoder.readCount(of: 24)) {
            let sequence: UInt64 = try decoder.read()
            returnCounts[sequence] = ReturnCount(
                acquired: try decoder.read(), failed: try decoder.read(), readyAtMilliseconds: try decoder.read())
        }
        for line in 0..<(try decoder.readCount(of: 24)) {
            lines[line] = try PagedIndex(store: store, from: &decoder, slots: &slots)
        }
        guard flags & 4 != 0 else { return }
        undeliverable = UndeliverableSet(restored: try PagedIndex(store: store, from: &decoder, slots: &slots))
    }

    /// Writes what the initializer reads.
    static func encode(_ queue: Queue, into encoder: inout CheckpointEncoder) {
        let undeliverable = queue.undeliverable.flatMap { $0.count > 0 ? $0 : nil }
        encoder.append(
            UInt8(
                (queue.mayExpire ? 1 : 0) | (queue.hasWatchedMessages ? 2 : 0) | (undeliverable == nil ? 0 : 4)))
        encoder.append(UInt64(max(0, queue.durableBytes)))
        encoder.append(UInt64(queue.returnCounts.count))
        for (sequence, count) in queue.returnCounts {
            encoder.append(sequence)
            encoder.append(count.acquired)
            encoder.append(count.failed)
            encoder.append(count.readyAtMilliseconds)
        }
        encoder.append(UInt64(queue.ready.lines.count))
        for line in queue.ready.lines { line.encode(into: &encoder) }
        undeliverable?.list.encode(into: &encoder)
    }
}
