// From opening a directory to the first append: what the log holds is read, and its owner says what is alive.

extension SegmentLog {
    /// What a checkpoint holds.
    public struct Checkpoint {
        /// Records from here on are not in it.
        public let position: LogPosition
        public let bytes: [UInt8]

        public init(position: LogPosition, bytes: [UInt8]) {
            self.position = position
            self.bytes = bytes
        }
    }

    /// The checkpoint in the directory, if there is one that is whole and that the segment files agree with.
    public func readCheckpoint() throws(StorageError) -> Checkpoint? {
        guard
            let content = try CheckpointFile.read(directory: directory, salt: geometry.salt, disk: disk),
            try reaches(content.position.rawValue)
        else { return nil }
        return Checkpoint(position: content.position, bytes: content.bytes)
    }

    /// Forgets the checkpoint for good: what it counts on is about to be made anew.
    public func deleteCheckpoint() throws(StorageError) {
        try CheckpointFile.remove(directory: directory, disk: disk)
    }

    /// Whether the files go on at least up to a position that the log had reached once.
    private func reaches(_ position: UInt64) throws(StorageError) -> Bool {
        guard position > 0 else { return false }
        let base = geometry.segmentBase(of: position - 1)
        guard basesFound.contains(base) else { return false }
        let path = "\(directory)/\(geometry.segmentFileName(base: base))"
        return try disk.openFile(at: path, create: false).byteCount() >= Int(position - base)
    }

    /// Makes the tables that references are counted in. To be called before `restoreReferences` and `replay`.
    ///
    /// - Parameter decoder: reads what `encodeSegments` wrote into the checkpoint; nil without one.
    /// - Returns: false if that says what can't be; the log must then be opened again.
    public func prepareSegments(from decoder: inout CheckpointDecoder) throws(CheckpointDecoder.Malformed) {
        let count = try decoder.readCount(of: 40)
        var previous = segments.numbers.lowerBound - 1
        var known: [(number: Int, counts: SegmentCounts)] = []
        for _ in 0..<count {
            let number = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
            let counts = try SegmentCounts(from: &decoder, pageCount: pagesPerSegment)
            guard number > previous || known.isEmpty, number >= 0 else { throw CheckpointDecoder.Malformed() }
            previous = number
            known.append((number, counts))
        }
        let first = min(known.first?.number ?? .max, basesFound.first.map { geometry.segmentNumber(of: $0) } ?? 0)
        segments = SegmentTable(geometry: geometry, first: first)
        let found = Set(basesFound.map { geometry.segmentNumber(of: $0) })
        for number in found.union(known.map(\.number)).sorted() { _ = segments.insert(number) }
        for (number, counts) in known {
            guard let segment = segments[number] else { continue }
            counts.apply(to: segment)
            liveByteCount += segment.pointee.liveByteCount
            segment.pointee.isMissing = !found.contains(number)
        }
    }

    /// Without a checkpoint: the files that were found.
    public func prepareSegments() {
        for base in basesFound { _ = segments.insert(geometry.segmentNumber(of: base)) }
    }

    /// Reads the log from a checkpoint's position on, or whole, and hands every valid record to `body`, oldest first. What
    /// a crash tore at the end is cut.
    public func replay(from start: LogPosition?, _ body: (Record) -> Void) throws(StorageError) {
        precondition(!hasFinishedRecovery)
        // Whatever is appended from now on is not what a checkpoint that is not used speaks of.
        if start == nil { try deleteCheckpoint() }
        checkpointEnd = start?.rawValue ?? 0
        let found = LogRecovery.Found(geometry: geometry, bases: basesFound)
        let outcome = try LogRecovery.run(
            directory: directory, found: found, start: start, disk: disk, replay: body)
        recovery = outcome.report
        tailEnd = outcome.end
        handedEnd = tailEnd
        writtenEnd = tailEnd
        durableEnd = tailEnd
        syncedByHandedEnd = tailEnd
        forcedDurableEnd = tailEnd
        guard let tail = outcome.tail else { return }
        writer.setTail(base: tail.base, file: tail.file)
        segments.removeAll(behind: geometry.segmentNumber(of: tail.base))
        let last = segments.insert(geometry.segmentNumber(of: tail.base))
        last.pointee.isMissing = false
        try reopenTailPage(file: tail.file, base: tail.base)
    }

    /// Whether the segment that holds a position may have been written to when the process ended, so that a crash could
    /// have cost records in it: it is the last, or the one before (the next one is made ahead of time).
    public func mayBeTorn(at position: LogPosition) -> Bool {
        guard let last = basesFound.last else { return false }
        return geometry.segmentNumber(of: position.rawValue) + 1 >= geometry.segmentNumber(of: last)
    }

    /// The number of the oldest segment that is there.
    public var oldestSegmentNumber: Int { segments.numbers.lowerBound }

    /// Whether the segment that holds a position has no file any more: a checkpoint knew it, and it has gone since.
    public func isMissing(_ position: LogPosition) -> Bool {
        segments[geometry.segmentNumber(of: position.rawValue)]?.pointee.isMissing ?? true
    }

    /// `count` references to the record at `position` are held. Before `finishRecovery` only.
    public func restoreReferences(at position: LogPosition, count: Int, share: Int, pinned: Bool = false) {
        precondition(!hasFinishedRecovery && count >= 0)
        guard let segment = segments[geometry.segmentNumber(of: position.rawValue)] else { return }
        segment.pointee.pages[geometry.pageIndexInSegment(of: position.rawValue)].references += UInt32(count)
        if pinned { segment.pointee.pinned += count } else { segment.pointee.references += count }
        segment.pointee.liveByteCount += count * share
        liveByteCount += count * share
    }

    /// Takes back a reference that a checkpoint or `restoreReferences` knew of. Before `finishRecovery` only.
    public func releaseRestored(_ position: LogPosition, share: Int, pinned: Bool = false) {
        precondition(!hasFinishedRecovery)
        guard let segment = segments[geometry.segmentNumber(of: position.rawValue)] else { return }
        let page = segment.pointee.pages + geometry.pageIndexInSegment(of: position.rawValue)
        guard page.pointee.references > 0 else { return }
        page.pointee.references -= 1
        if pinned { segment.pointee.pinned -= 1 } else { segment.pointee.references -= 1 }
        segment.pointee.liveByteCount -= share
        liveByteCount -= share
    }

    /// A record in the segment that holds `record` settles something at `position`.
    public func noteRestoredSettle(of position: LogPosition, by record: LogPosition) {
        let number = max(geometry.segmentNumber(of: position.rawValue), segments.numbers.lowerBound)
        guard let segment = segments[geometry.segmentNumber(of: record.rawValue)] else { return }
        segment.pointee.oldestSettled = min(segment.pointee.oldestSettled, number)
    }

    /// All references are restored: segments that nothing needs may go, and `append` may be called.
    ///
    /// - Parameter isReaping: references are still to be released that an earlier process may have released too: a segment
    ///   that is missing may have gone because of that.
    public func finishRecovery(isReaping: Bool = false) {
        precondition(!hasFinishedRecovery)
        hasFinishedRecovery = true
        for number in segments.numbers {
            guard let segment = segments[number] else { continue }
            if segment.pointee.isMissing {
                forgetMissing(segment, isReported: !isReaping)
            } else if segment.pointee.isDead, number != geometry.segmentNumber(of: tailEnd) {
                segmentEnded(segment)
            }
        }
        if let page = page(of: tailEnd), page.pointee.memory != nil { beginPage(at: tailEnd) }
        handOver()
    }

    /// The checkpoint knew the segment, and there is no file. If nothing in it is alive, it went after the checkpoint.
    private func forgetMissing(_ segment: UnsafeMutablePointer<Segment>, isReported: Bool) {
        guard !segment.pointee.isDead else { return segments.remove(segment.pointee.number) }
        let base = segment.pointee.base
        if isReported {
            recovery.note(
                RecoveryReport.Damage(
                    file: "\(directory)/\(geometry.segmentFileName(base: base))", offset: 0,
                    byteCount: Int(geometry.segmentByteCount)))
        }
        for index in 0..<pagesPerSegment { segment.pointee.pages[index].hasFailed = true }
        segment.pointee.isImmovable = true
    }

    /// Puts the last page back into memory, so that the log goes on where it ended.
    private func reopenTailPage(file: any DiskFile, base: UInt64) throws(StorageError) {
        guard geometry.offsetInPage(tailEnd) > 0, let page = page(of: tailEnd) else { return }
        let pageByteCount = Int(geometry.pageByteCount)
        let memory = DiskJobs.Value(memory: pool.take(byteCount: pageByteCount), byteCount: pageByteCount)
        let reader = PageReader(directory: directory, geometry: geometry, disk: disk)
        let pageBase = geometry.pageBase(of: tailEnd)
        page.pointee.memory = try reader.read(pageAt: pageBase, into: memory).get().memory
        page.pointee.memoryByteCount = UInt32(pageByteCount)
        page.pointee.isFromDisk = true
        page.pointee.frame = cache.admit(
            PageKey(.log, UInt64(geometry.pageNumber(of: tailEnd))), byteCount: pageByteCount, place: pageBase)
    }
}
