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
    var end: UInt64 = 0
    var syncWanted = false
    /// Whether to sync whatever the policy says.
    var isForced = false
    /// Whether the owner wants to hear of its end at once: somebody waits for it, or it is large.
    var isAwaited = false
    /// The checkpoint must be gone before the first of these segments is.
    var removesCheckpoint = false
    /// Bases of dead segments, oldest first.
    var deletions: [UInt64] = []
    /// How many times the owner has handed something over that is part of it.
    var partCount = 0

    /// Adds bytes that follow those before. What follows in memory as well is written with them.
    mutating func add(position: UInt64, bytes: UnsafeRawBufferPointer) {
        if let last = writes.last, last.position + UInt64(last.bytes.count) == position,
            let lastBytes = last.bytes.baseAddress, let newBytes = bytes.baseAddress,
            lastBytes + last.bytes.count == newBytes
        {
            let both = UnsafeRawBufferPointer(start: lastBytes, count: last.bytes.count + bytes.count)
            writes[writes.count - 1] = Write(position: last.position, bytes: both)
        } else {
            writes.append(Write(position: position, bytes: bytes))
        }
    }

    /// What was handed over behind it becomes part of it.
    mutating func append(_ later: WriteRound) {
        for write in later.writes { add(position: write.position, bytes: write.bytes) }
        end = later.end
        syncWanted = syncWanted || later.syncWanted
        isForced = isForced || later.isForced
        isAwaited = isAwaited || later.isAwaited
        removesCheckpoint = removesCheckpoint || later.removesCheckpoint
        deletions += later.deletions
        partCount += later.partCount
    }
}

/// How rounds ended, since the owner has asked last.
struct WriteOutcome: Sendable {
    /// How many of the parts that were handed over are done with.
    var partCount = 0
    /// Everything before it is written; 0 if nothing was.
    var writtenEnd: UInt64 = 0
    /// Everything before it counts as durable.
    var durableEnd: UInt64 = 0
    /// Everything before it is on disk really.
    var forcedEnd: UInt64 = 0
    var roundCount = 0
    /// The round itself, if there was no space on the disk for it: nothing of it counts, it is to be tried again, and no
    /// other one is begun before.
    var stalled: WriteRound?
    /// A write or sync failed: nothing of the round can be relied on, and no other one will be started.
    var hasFailed = false
}
