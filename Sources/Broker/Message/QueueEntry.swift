import SegmentLog

/// A message's place in one queue, and what has to be known of it without looking at it.
public struct QueueEntry: Sendable {
    let handle: MessageHandle
    /// The sequence number, and in the top bit whether the message was handed out before.
    private var sequenceAndFlag: UInt64
    /// Size of the body in bytes.
    let bodyCount: UInt32
    /// The queue's share of the record, in units of eight bytes.
    let shareUnits: UInt32

    private static let redeliveredBit: UInt64 = 1 << 63

    init(handle: MessageHandle, sequence: UInt64, bodyCount: Int, share: Int) {
        precondition(sequence & Self.redeliveredBit == 0)
        self.handle = handle
        self.sequenceAndFlag = sequence
        self.bodyCount = UInt32(bodyCount)
        self.shareUnits = UInt32(share >> 3)
    }

    /// Position in the queue's order: given at enqueue, never changed, unique in the queue's life. A requeued message
    /// returns to the place that this number says.
    public var sequence: UInt64 { sequenceAndFlag & ~Self.redeliveredBit }

    var place: QueueLines.Place { QueueLines.Place(sequence: sequence) }

    /// Bytes of the record that count as this queue's, a multiple of eight.
    var share: Int { Int(shareUnits) << 3 }

    /// Whether the message may have been seen by a consumer before.
    public var redelivered: Bool {
        get { sequenceAndFlag & Self.redeliveredBit != 0 }
        set {
            if newValue {
                sequenceAndFlag |= Self.redeliveredBit
            } else {
                sequenceAndFlag &= ~Self.redeliveredBit
            }
        }
    }

    // MARK: In the index

    /// Sixteen bytes: the handle, the sizes. The sequence number is the place where they stand.
    var indexEntry: IndexEntry {
        IndexEntry(first: handle.rawValue, second: UInt64(bodyCount) | UInt64(shareUnits) << 32)
    }

    @inline(__always)
    init(_ entry: IndexEntry, sequence: UInt64) {
        handle = MessageHandle(rawValue: entry.first)
        sequenceAndFlag = sequence
        bodyCount = UInt32(truncatingIfNeeded: entry.second)
        shareUnits = UInt32(truncatingIfNeeded: entry.second >> 32)
    }
}
