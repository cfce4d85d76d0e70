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

    /// Ends a burst: what was appended goes to the writer, at once if it is idle, else with the next round.
    ///
    /// - Parameter syncWanted: somebody waits until what was appended so far is durable. Under `SyncPolicy.sync` a
    ///   round that nobody waits for is written without a sync; a later one that somebody waits for covers it.
    public func flush(syncWanted: Bool) {
        if syncWanted, durableEnd < tailEnd { isSyncPending = true }
        startRoundIfIdle()
    }

    /// Asks for everything up to `tail` to be on disk really, even if the policy promises less. `durable` alone does not
    /// tell when it is: `forcedDurable` does.
    public func forceSync() {
        isSyncForced = true
        isSyncPending = true
        startRoundIfIdle()
    }

    /// Takes over what the writer has done, and starts the next round if there is work for it.
    public func poll() {
        takeOutcome()
        startRoundIfIdle()
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
        guard !isWriterBusy, !isClosed, var round = stalledRound.take() else { return }
        takeDeletions(into: &round)
        isWriterBusy = true
        writer.start(round)
    }

    func takeOutcome() {
        guard isWriterBusy, let outcome = writer.takeOutcome() else { return }
        isWriterBusy = false
        guard !outcome.hasFailed else {
            hasFailed = true
            return
        }
        if let stalled = outcome.stalled {
            stalledRound = stalled
            return
        }
        let writtenBefore = writtenEnd
        writtenEnd = outcome.end
        if outcome.isDurable { durableEnd = outcome.end }
        if outcome.isForced { forcedDurableEnd = outcome.end }
        counts.writeRounds += 1
        dropDonePages(from: writtenBefore, to: writtenEnd)
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

    func startRoundIfIdle() {
        guard !isWriterBusy, stalledRound == nil, !hasFailed, !isClosed else { return }
        var round = WriteRound(end: tailEnd, syncWanted: false, isForced: isSyncForced)
        takeDeletions(into: &round)
        guard handedEnd < tailEnd || isSyncPending || !round.deletions.isEmpty else { return }
        // Deletions may wait for a sync, too.
        round.syncWanted = isSyncPending
        collectWrites(into: &round)
        handedEnd = tailEnd
        isSyncPending = false
        isSyncForced = false
        isWriterBusy = true
        writer.start(round)
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
            round.writes.append(WriteRound.Write(position: start, bytes: bytes))
        }
    }
}
