/// A message's place in one queue: 16 bytes, whatever the message's size.
public struct QueueEntry: Sendable {
    let handle: MessageHandle
    /// The sequence number, and in the top bit whether the message was handed out before.
    private var sequenceAndFlag: UInt64

    private static let redeliveredBit: UInt64 = 1 << 63

    init(handle: MessageHandle, sequence: UInt64, redelivered: Bool = false) {
        precondition(sequence & Self.redeliveredBit == 0)
        self.handle = handle
        self.sequenceAndFlag = sequence | (redelivered ? Self.redeliveredBit : 0)
    }

    /// Position in the queue's order: given at enqueue, never changed, unique in the queue's life. A requeued message
    /// returns to the place that this number says.
    public var sequence: UInt64 { sequenceAndFlag & ~Self.redeliveredBit }

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
}
