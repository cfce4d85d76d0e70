/// What the writer does in one go: everything that was appended since the last one.
///
/// Unchecked: the pages that `writes` points into belong to the owner, who neither changes those bytes nor gives the
/// memory back before the round's outcome is in.
struct WriteRound: @unchecked Sendable {
    struct Write {
        let position: UInt64
        let bytes: UnsafeRawBufferPointer
    }

    var writes: [Write] = []
    /// Everything before it is written when the round is done.
    var end: UInt64
    var syncWanted: Bool
    /// Whether to sync whatever the policy says.
    var isForced: Bool
    /// The checkpoint must be gone before the first of these segments is.
    var removesCheckpoint = false
    /// Bases of dead segments, oldest first.
    var deletions: [UInt64] = []
}

/// How a round ended.
struct WriteOutcome: Sendable {
    let end: UInt64
    /// Whether everything before `end` counts as durable.
    var isDurable = false
    /// Whether everything before `end` is on disk really.
    var isForced = false
    /// The round itself, if there was no space on the disk for it: nothing of it counts, it is to be tried again.
    var stalled: WriteRound?
    /// A write or sync failed: nothing of the round can be relied on, and no other one will be started.
    var hasFailed = false

    init(end: UInt64) {
        self.end = end
    }
}
