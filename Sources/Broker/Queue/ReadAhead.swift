import SegmentLog

/// Has the pages read that a queue's consumers will need next. The index says exactly which these are, so a queue whose
/// messages are strewn over a shared log reads no page in vain.
struct ReadAhead {
    /// Pages of the log that are asked for ahead of the one that is being handed out, at the most.
    private static let pagesMax = 8
    /// Entries that are looked at in one go.
    private static let entriesMax = 4096

    private var line = 0
    /// Messages before this number have been looked at.
    private var lookedThrough = 0
    /// The last page that was looked at.
    private var lastPage = -1
    /// The page of the message that was handed out last.
    private var currentPage = -1
    /// Pages that were asked for and are ahead of the current one.
    private var pagesAhead = 0
    /// The queue's messages come from the disk, and did not yet all come.
    private(set) var isActive = false

    /// The message at `place` is not in memory, and has been asked for: what follows will be wanted next.
    mutating func begin(at place: QueueLines.Place, of queue: Queue) {
        if !isActive || line != place.line || lookedThrough <= place.number {
            lookedThrough = place.number + 1
            lastPage = -1
            pagesAhead = 0
        }
        isActive = true
        line = place.line
        lookAhead(in: queue)
    }

    /// A message of the log has been handed out.
    @inline(__always)
    mutating func advance(past entry: QueueEntry, of queue: Queue) {
        guard isActive else { return }
        let page = queue.core.log.pageNumber(of: entry.handle.position)
        guard page != currentPage else { return }
        currentPage = page
        if pagesAhead > 0 { pagesAhead -= 1 }
        lookAhead(in: queue)
    }

    private mutating func lookAhead(in queue: Queue) {
        let core = queue.core
        // Many readers of old messages share the cache: each looks less far.
        let share = core.cache.byteCountMax / (1 << 20) / max(1, core.queuesWaitingForPages)
        let pagesMax = max(1, min(Self.pagesMax, share))
        let index = queue.ready.lines[line]
        var entries = 0
        while pagesAhead < pagesMax, entries < Self.entriesMax {
            guard let number = index.nextReady(from: lookedThrough) else {
                // All that is left is new: it is in memory.
                isActive = pagesAhead > 0
                return
            }
            guard let found = index.entry(at: number) else {
                index.prefetch(at: number)
                return
            }
            index.prefetch(behind: number)
            lookedThrough = number + 1
            entries += 1
            let handle = MessageHandle(rawValue: found.first)
            guard !handle.isTransient else { continue }
            let page = core.log.pageNumber(of: handle.position)
            guard page != lastPage else { continue }
            lastPage = page
            if core.log.prefetch(handle.position) { pagesAhead += 1 }
        }
    }
}
