// The writer's rounds: what was appended goes to disk in one go, and whoever waits for a sync shares it.

extension SegmentLog {
    /// So many bytes may wait to be written before whoever takes messages in should wait, for a cache of default size;
    /// less for a smaller one.
    private var unwrittenByteCountMax: Int { max(4 << 20, min(64 << 20, cache.byteCountMax / 4)) }

    /// What has been appended and is not yet written.
    public var unwrittenByteCount: Int { Int(tailEnd &- writtenEnd) }

    /// Whether the disk does not keep up: nothing more should be taken in until `poll` has made progress. What is
    /// appended all the same is kept.
    public var isSaturated: Bool { unwrittenByteCount > unwrittenByteCountMax && stalledRound == nil }

    /// Whether the last round found no space on the disk. It is tried again by `retryStalledRound`.
    public var isDiskFull: Bool { stalledRound != nil }

    /// What was handed over is written in the quiet unless it is more than this: nobody is told.
    private static let quietByteCountMax = 256 << 10

    /// Whether it does: without a thread of its own, everything waits for `poll`.
    public var writesInTheQuiet: Bool { writer.isThreaded }

    /// Ends a burst: what was appended goes to the writer, which begins with it at once if it is idle, else when its round
    /// is over.
    ///
    /// - Parameter syncWanted: somebody waits until what was appended so far is durable. Under `SyncPolicy.sync` a
    ///   round that nobody waits for is written without a sync; a later one that somebody waits for covers it.
    public func flush(syncWanted: Bool) {
        if syncWanted, syncedByHandedEnd < tailEnd { isSyncPending = true }
        takeOutcome()
        handOver()
    }

    /// Asks for everything up to `tail` to be on disk really, even if the policy promises less. `durable` alone does not
    /// tell when it is: `forcedDurable` does.
    public func forceSync() {
        isSyncForced = true
        isSyncPending = true
        handOver()
    }

    /// Takes over what the writer has done, and hands it what there is to do.
    public func poll() {
        writer.work()
        takeOutcome()
        handOver()
    }

    /// Waits until the writer has nothing to do, and takes that over: at the end, when nothing else goes on.
    public func waitForWriter() {
        repeat {
            writer.waitUntilIdle()
            poll()
        } while isWriterBusy
    }

    /// Tries the round that found the disk full once more. Segments that have died meanwhile go in any case.
    public func retryStalledRound() {
        guard !isWriterBusy, !isClosed, var stalled = stalledRound.take() else { return }
        stalled.partCount = 0
        takeDeletions(into: &stalled)
        start { $0.append(stalled) }
    }

    /// The writer has something to do, or has done something that has not been taken over.
    var isWriterBusy: Bool { partsUnderWay > 0 }

    func takeOutcome() {
        guard isWriterBusy, let outcome = writer.takeOutcome() else { return }
        partsUnderWay -= outcome.partCount
        hasFailed = hasFailed || outcome.hasFailed
        stalledRound = outcome.stalled
        let writtenBefore = writtenEnd
        // A failure may have come behind rounds that are done: what they have written counts.
        writtenEnd = max(writtenEnd, outcome.writtenEnd)
        durableEnd = max(durableEnd, outcome.durableEnd)
        forcedDurableEnd = max(forcedDurableEnd, outcome.forcedEnd)
        counts.writeRounds += outcome.roundCount
        if !hasFailed { dropDonePages(from: writtenBefore, to: writtenEnd) }
    }

    /// Pages that had been settled before they were written.
    private func dropDonePages(from start: UInt64, to end: UInt64) {
        guard start < end else { return }
        var number = geometry.pageNumber(of: start)
        let last = geometry.pageNumber(of: end)
        while number <= last {
            if let page = page(of: geometry.pageBase(number: number)) { dropPageIfDone(page, number: number) }
            number += 1
        }
    }

    func handOver() {
        guard stalledRound == nil, !hasFailed, !isClosed else { return }
        var deletions = WriteRound()
        takeDeletions(into: &deletions)
        guard handedEnd < tailEnd || isSyncPending || !deletions.deletions.isEmpty else { return }
        start { round in
            round.append(deletions)
            // Deletions may wait for a sync, too.
            round.syncWanted = round.syncWanted || isSyncPending
            round.isForced = round.isForced || isSyncForced
            round.end = tailEnd
            collectWrites(into: &round)
        }
        handedEnd = tailEnd
        if isSyncPending { syncedByHandedEnd = tailEnd }
        isSyncPending = false
        isSyncForced = false
    }

    private func start(_ fill: (inout WriteRound) -> Void) {
        partsUnderWay += 1
        let isLarge = unwrittenByteCount > Self.quietByteCountMax
        writer.start { round in
            fill(&round)
            let hasMoreToDo = round.syncWanted || round.isForced || !round.deletions.isEmpty
            round.isAwaited = round.isAwaited || isLarge || hasMoreToDo
        }
    }

    private func takeDeletions(into round: inout WriteRound) {
        round.deletions = takeDeadSegments()
        guard isCheckpointOutdated, !round.deletions.isEmpty else { return }
        round.removesCheckpoint = true
        isCheckpointOutdated = false
    }

    /// One write for each page that has something new; padding is not written, the file has zeros there.
    private func collectWrites(into round: inout WriteRound) {
        guard handedEnd < tailEnd else { return }
        for number in geometry.pageNumber(of: handedEnd)...geometry.pageNumber(of: tailEnd - 1) {
            let base = geometry.pageBase(number: number)
            guard let page = page(of: base)?.pointee, let memory = page.memory else { continue }
            var start = max(handedEnd, base)
            if geometry.segmentBase(of: start) == start { start += UInt64(SegmentHeader.byteCount) }
            let end = number == openPage.number ? tailEnd : base + UInt64(page.usedByteCount)
            guard start < end else { continue }
            let bytes = UnsafeRawBufferPointer(start: memory + Int(start - base), count: Int(end - start))
            round.add(position: start, bytes: bytes)
        }
    }
}
