/// An append-only log of records in a directory of segment files, shared by everything that must outlive the process.
///
/// All calls come from one owner, on one thread at a time; a writer thread of the log's own does what blocks. The log
/// knows bytes and kinds of records, not what they mean: the owner says how many references keep a record alive, and
/// takes them back one by one. Files go when nothing in them is needed any more, oldest first.
///
/// A burst of work goes like this: `append` any number of records, `flush` once; when the writer calls `notify`, call
/// `poll`, and everything before `durable` is on disk.
public final class SegmentLog {
    private let directory: String
    private let geometry: LogGeometry
    private let disk: any Disk
    private let writer: LogWriter
    private let lock: any DiskLock
    /// What opening the directory found.
    public let recovery: RecoveryReport

    // Unchecked: one owner makes all calls, one at a time, and no call lets foreign code run while a property is being
    // changed. (`fill` runs while none is.) The checks would cost more than an append.
    @exclusivity(unchecked) private var pages: SlidingTable<Page>
    @exclusivity(unchecked) private var segments: SlidingTable<SegmentReferences>
    @exclusivity(unchecked) private var pool: PagePool
    /// Where the log ends.
    @exclusivity(unchecked) private var tailEnd: UInt64
    @exclusivity(unchecked) private var openPage = OpenPage.none
    @exclusivity(unchecked) private var writtenEnd: UInt64
    @exclusivity(unchecked) private var counts = LogStatistics()
    private var handedEnd: UInt64
    private var durableEnd: UInt64
    private var isSyncPending = false
    private var isWriterBusy = false
    private var hasFinishedRecovery = false
    private var hasFailed = false
    private var isClosed = false

    /// Opens or makes the log in `directory`. What it held is passed to `replay`, oldest record first; the owner then
    /// tells what is alive (`restoreReferences`) and calls `finishRecovery`.
    ///
    /// - Parameters:
    ///   - notify: called on the writer's thread when there is something for `poll` to take over. It must not call the
    ///     log, nor hold the last reference to it.
    ///   - replay: called on this thread before `open` returns.
    /// - Throws: `.locked` if somebody else has the directory; `.formatTooNew`, `.formatUnreadable` and
    ///   `.foreignSegment` for files that this version should not touch; `.system` for what the operating system
    ///   refused. Damaged records are not errors, see `recovery`.
    public static func open(
        directory: String, configuration: Configuration = Configuration(), disk: any Disk = FileDisk(),
        notify: @escaping @Sendable () -> Void, replay: (Record) -> Void
    ) throws(StorageError) -> SegmentLog {
        try disk.createDirectory(at: directory)
        let lock = try disk.lock(at: "\(directory)/lock")
        do throws(StorageError) {
            let outcome = try LogRecovery.run(
                directory: directory, configuration: configuration, disk: disk, replay: replay)
            return try SegmentLog(
                directory: directory, configuration: configuration, disk: disk, lock: lock, notify: notify,
                recovered: outcome)
        } catch {
            lock.release()
            throw error
        }
    }

    private init(
        directory: String, configuration: Configuration, disk: any Disk, lock: any DiskLock,
        notify: @escaping @Sendable () -> Void, recovered: LogRecovery.Outcome
    ) throws(StorageError) {
        geometry = recovered.geometry
        self.directory = directory
        self.disk = disk
        self.lock = lock
        recovery = recovered.report
        writer = LogWriter(
            directory: directory, geometry: recovered.geometry, disk: disk, configuration: configuration,
            notify: notify, tail: recovered.tail)
        pool = PagePool(
            pageByteCount: Int(recovered.geometry.pageByteCount), sparePagesMax: configuration.sparePagesMax)
        pages = SlidingTable(first: recovered.geometry.pageNumber(of: recovered.firstBase))
        segments = SlidingTable(first: recovered.geometry.segmentNumber(of: recovered.firstBase))
        tailEnd = recovered.end
        handedEnd = tailEnd
        writtenEnd = tailEnd
        durableEnd = tailEnd
        guard let tail = recovered.tail else { return }
        extendTables(toAddress: tail.base + geometry.segmentByteCount - 1)
        try reopenTailPage(file: tail.file, base: tail.base)
    }

    deinit {
        // The writer may still be reading pages; what it was not given is lost, as in a crash.
        writer.waitUntilIdle()
        for number in pages.first..<pages.end { dropPage(number) }
        if !isClosed { lock.release() }
    }

    // MARK: What the owner sees

    /// Where the next record goes at the earliest: a confirm waits until `durable` has reached what `tail` was after
    /// the append.
    public var tail: LogPosition { LogPosition(rawValue: tailEnd) }

    /// Everything before it is durable as the sync policy has it. Moves in `poll` only.
    public var durable: LogPosition { LogPosition(rawValue: durableEnd) }

    /// The largest payload that a record can have, in bytes.
    public var payloadByteCountMax: Int { geometry.payloadByteCountMax }

    public var statistics: LogStatistics {
        var statistics = counts
        statistics.segments = segments.count
        statistics.diskBytes = segments.count * Int(geometry.segmentByteCount)
        statistics.residentBytes = pool.residentByteCount
        statistics.unwrittenBytes = Int(tailEnd - writtenEnd)
        statistics.syncs = writer.syncCount
        return statistics
    }

    // MARK: Recovery

    /// After opening: `count` references to the record at `position` are held. Only before `finishRecovery`.
    public func restoreReferences(at position: LogPosition, count: Int, pinned: Bool = false) {
        precondition(!hasFinishedRecovery && count >= 0)
        pages[geometry.pageNumber(of: position.rawValue)].pointee.references += UInt32(count)
        let segment = segments[geometry.segmentNumber(of: position.rawValue)]
        if pinned { segment.pointee.pinned += count } else { segment.pointee.messages += count }
    }

    /// All references are restored: segments that nothing needs may go, and `append` may be called.
    public func finishRecovery() {
        precondition(!hasFinishedRecovery)
        hasFinishedRecovery = true
        let number = geometry.pageNumber(of: tailEnd)
        if number < pages.end, pages[number].pointee.memory != nil { beginPage(at: tailEnd) }
        startRoundIfIdle()
    }

    // MARK: Records

    /// Adds a record and returns its position. It is in memory until the next `flush`.
    ///
    /// - Parameters:
    ///   - kind: what the record is, for the owner to know at replay; not 0.
    ///   - payloadCount: bytes of the payload, at most `payloadByteCountMax`.
    ///   - references: how many owners keep the record alive: each of them calls `release` once. 0 for a record that
    ///     only has to be replayed after what it speaks of.
    ///   - pinned: the references are topology: the owner moves the record when `oldestSegmentToRelocate` asks for it.
    ///   - fill: is called once, at once, to write the payload (all of it: the memory holds old bytes). It must not
    ///     use the log.
    public func append(
        kind: UInt8, flags: UInt16 = 0, payloadCount: Int, references: Int, pinned: Bool = false,
        fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> LogPosition {
        precondition(kind != 0 && payloadCount >= 0 && references >= 0)
        let recordByteCount = geometry.recordByteCount(payloadByteCount: payloadCount)
        if recordByteCount > openPage.room { makeRoom(recordByteCount: recordByteCount) }
        let position = tailEnd
        let address = openPage.address
        // Zeros the alignment behind the payload.
        (address + (recordByteCount - 8)).storeBytes(of: 0, as: UInt64.self)
        fill(UnsafeMutableRawBufferPointer(start: address + RecordHeader.byteCount, count: payloadCount))
        RecordHeader.seal(
            at: address, kind: kind, flags: flags, payloadByteCount: payloadCount,
            mark: geometry.mark(at: position))
        openPage.address = address + recordByteCount
        openPage.room -= recordByteCount
        openPage.page.pointee.references += UInt32(references)
        if pinned {
            openPage.segment.pointee.pinned += references
        } else {
            openPage.segment.pointee.messages += references
        }
        tailEnd = position + UInt64(recordByteCount)
        counts.recordsAppended += 1
        counts.bytesAppended += recordByteCount
        if recordByteCount > geometry.pageByteCount { closeLargeRecord(at: position, recordByteCount: recordByteCount) }
        return LogPosition(rawValue: position)
    }

    /// The payload of a record that holds a reference, nil if it cannot be read back (which is counted).
    ///
    /// Where its page is not in memory, it is read while the caller waits. The bytes are valid until the owner's next
    /// call of `release`, `flush` or `poll`.
    public func payload(at position: LogPosition) -> UnsafeRawBufferPointer? {
        let page = pages[geometry.pageNumber(of: position.rawValue)]
        guard let memory = page.pointee.memory ?? readPage(of: position.rawValue) else { return nil }
        let offset = geometry.offsetInPage(position.rawValue)
        let address = UnsafeRawPointer(memory + offset)
        let mark = geometry.mark(at: position.rawValue)
        if page.pointee.isFromDisk {
            let byteCountMax = Int(page.pointee.memoryByteCount) - offset
            guard let header = RecordHeader.valid(at: address, byteCountMax: byteCountMax, mark: mark) else {
                counts.readFailures += 1
                return nil
            }
            return UnsafeRawBufferPointer(start: address + RecordHeader.byteCount, count: header.payloadByteCount)
        }
        let header = RecordHeader(at: address)
        precondition(header.mark == mark, "not the position of a record")
        return UnsafeRawBufferPointer(start: address + RecordHeader.byteCount, count: header.payloadByteCount)
    }

    /// Takes one reference back. What makes it superfluous (an acknowledgement, say) must have been appended before:
    /// the segment goes only when that is durable. The record must not be read once its last reference is gone.
    ///
    /// - Parameter pinned: what it was when the reference was made.
    public func release(_ position: LogPosition, pinned: Bool = false) {
        let segment = segments[geometry.segmentNumber(of: position.rawValue)]
        if pinned {
            precondition(segment.pointee.pinned > 0, "released more often than referenced")
            segment.pointee.pinned -= 1
        } else {
            precondition(segment.pointee.messages > 0, "released more often than referenced")
            segment.pointee.messages -= 1
        }
        if segment.pointee.isDead { segment.pointee.deadSince = tailEnd }
        let number = geometry.pageNumber(of: position.rawValue)
        let page = pages[number]
        precondition(page.pointee.references > 0, "released more often than referenced")
        page.pointee.references -= 1
        if page.pointee.references == 0 { dropPageIfDone(number) }
    }

    /// The oldest segment, if only topology keeps it: the owner appends what it has pinned there anew and releases the
    /// old positions, so that the segment can go.
    public var oldestSegmentToRelocate: Range<LogPosition>? {
        guard segments.count > 1 else { return nil }
        let oldest = segments[segments.first].pointee
        guard oldest.messages == 0, oldest.pinned > 0 else { return nil }
        let base = geometry.segmentBase(number: segments.first)
        return LogPosition(rawValue: base)..<LogPosition(rawValue: base + geometry.segmentByteCount)
    }

    // MARK: Rounds

    /// Ends a burst: what was appended goes to the writer, at once if it is idle, else with the next round.
    ///
    /// - Parameter syncWanted: somebody waits until what was appended so far is durable. Under `SyncPolicy.sync` a
    ///   round that nobody waits for is written without a sync; a later one that somebody waits for covers it.
    public func flush(syncWanted: Bool) {
        if syncWanted, durableEnd < tailEnd { isSyncPending = true }
        startRoundIfIdle()
    }

    /// Takes over what the writer has done, and starts the next round if there is work for it.
    public func poll() {
        takeOutcome()
        startRoundIfIdle()
    }

    /// Writes and syncs everything, and gives the directory back. The log must not be used afterwards.
    public func close() {
        precondition(!isClosed)
        isSyncPending = durableEnd < tailEnd
        repeat {
            startRoundIfIdle()
            writer.waitUntilIdle()
            takeOutcome()
        } while !hasFailed && (writtenEnd < tailEnd || isSyncPending)
        writer.finish()
        lock.release()
        isClosed = true
    }

    private func takeOutcome() {
        guard isWriterBusy, let outcome = writer.takeOutcome() else { return }
        isWriterBusy = false
        guard !outcome.hasFailed else {
            hasFailed = true
            return
        }
        let firstPage = geometry.pageNumber(of: writtenEnd)
        writtenEnd = outcome.end
        if outcome.isDurable { durableEnd = outcome.end }
        counts.writeRounds += 1
        for number in max(firstPage, pages.first)..<min(geometry.pageNumber(of: writtenEnd) + 1, pages.end) {
            dropPageIfDone(number)
        }
    }

    private func startRoundIfIdle() {
        guard !isWriterBusy, !hasFailed, !isClosed else { return }
        let deletions = takeDeadSegments()
        guard handedEnd < tailEnd || isSyncPending || !deletions.isEmpty else { return }
        var round = WriteRound(end: tailEnd, syncWanted: isSyncPending, deletions: deletions)
        collectWrites(into: &round)
        handedEnd = tailEnd
        isSyncPending = false
        isWriterBusy = true
        writer.start(round)
    }

    /// One write for each page that has something new; padding is not written, the file has zeros there.
    private func collectWrites(into round: inout WriteRound) {
        guard handedEnd < tailEnd else { return }
        for number in geometry.pageNumber(of: handedEnd)...geometry.pageNumber(of: tailEnd - 1) {
            let page = pages[number].pointee
            guard let memory = page.memory else { continue }
            let base = geometry.pageBase(number: number)
            var start = max(handedEnd, base)
            if geometry.segmentBase(of: start) == start { start += UInt64(SegmentHeader.byteCount) }
            let end = number == openPage.number ? tailEnd : base + UInt64(page.usedByteCount)
            guard start < end else { continue }
            let bytes = UnsafeRawBufferPointer(start: memory + Int(start - base), count: Int(end - start))
            round.writes.append(WriteRound.Write(position: start, bytes: bytes))
        }
    }

    /// Forgets the oldest segments that nothing needs, and returns their bases.
    private func takeDeadSegments() -> [UInt64] {
        guard hasFinishedRecovery else { return [] }
        var bases: [UInt64] = []
        while segments.count > 1, segments[segments.first].pointee.isDead {
            let base = geometry.segmentBase(number: segments.first)
            let end = base + geometry.segmentByteCount
            let deadSince = segments[segments.first].pointee.deadSince
            guard writtenEnd > end, durableEnd >= deadSince else {
                // Nobody else may be waiting for the sync that gives the space back.
                isSyncPending = isSyncPending || durableEnd < deadSince
                break
            }
            segments.removeFirst()
            while pages.first < geometry.pageNumber(of: end) {
                dropPage(pages.first)
                pages.removeFirst()
            }
            bases.append(base)
        }
        counts.segmentsDeleted += bases.count
        return bases
    }

    // MARK: Pages

    /// Closes the open page, and opens one that the record fits in.
    @inline(never)
    private func makeRoom(recordByteCount: Int) {
        precondition(hasFinishedRecovery && !isClosed, "append before finishRecovery or after close")
        let payloadByteCount = recordByteCount - RecordHeader.byteCount
        precondition(payloadByteCount <= (payloadByteCountMax + 7) & ~7, "payload over payloadByteCountMax")
        let position = geometry.placement(after: tailEnd, recordByteCount: recordByteCount)
        endPage()
        tailEnd = position
        let pageByteCount = Int(geometry.pageByteCount)
        let memoryByteCount = (max(recordByteCount, pageByteCount) + pageByteCount - 1) & ~(pageByteCount - 1)
        extendTables(toAddress: geometry.pageBase(of: position) + UInt64(memoryByteCount) - 1)
        let page = pages[geometry.pageNumber(of: position)]
        page.pointee.memory = pool.take(byteCount: memoryByteCount)
        page.pointee.memoryByteCount = UInt32(memoryByteCount)
        beginPage(at: position)
    }

    private func beginPage(at position: UInt64) {
        let number = geometry.pageNumber(of: position)
        let page = pages[number]
        guard let memory = page.pointee.memory else { return }
        let offset = geometry.offsetInPage(position)
        openPage = OpenPage(
            address: memory + offset, room: Int(page.pointee.memoryByteCount) - offset, number: number, page: page,
            segment: segments[geometry.segmentNumber(of: position)])
    }

    private func endPage() {
        let number = openPage.number
        guard number >= 0 else { return }
        openPage.page.pointee.usedByteCount = UInt32(tailEnd - geometry.pageBase(number: number))
        openPage = .none
        dropPageIfDone(number)
    }

    /// Gives a page's memory back if nothing refers into it, and the disk has it whole.
    private func dropPageIfDone(_ number: Int) {
        let page = pages[number].pointee
        let end = geometry.pageBase(number: number) + UInt64(page.usedByteCount)
        if page.references == 0, number != openPage.number, end <= writtenEnd { dropPage(number) }
    }

    private func dropPage(_ number: Int) {
        let page = pages[number]
        guard let memory = page.pointee.memory else { return }
        pool.give(back: memory, byteCount: Int(page.pointee.memoryByteCount))
        page.pointee.memory = nil
    }

    /// Reads the page with the record at `position` back, whole, or all pages of a large record. It stays until the
    /// last reference into it goes. Nil and counted if that fails.
    private func readPage(of position: UInt64) -> UnsafeMutableRawPointer? {
        let number = geometry.pageNumber(of: position)
        precondition(pages[number].pointee.references > 0, "only a record with references can be read back")
        let base = geometry.pageBase(number: number)
        let pageByteCount = Int(geometry.pageByteCount)
        do throws(StorageError) {
            let segmentBase = geometry.segmentBase(of: base)
            let path = "\(directory)/\(geometry.segmentFileName(base: segmentBase))"
            let file = try disk.openFile(at: path, create: false)
            var byteCount = pageByteCount
            var memory = try read(file, at: base - segmentBase, byteCount: byteCount)
            let recordByteCount = largeRecordByteCount(at: base, header: RecordHeader(at: memory))
            if recordByteCount > pageByteCount {
                pool.give(back: memory, byteCount: byteCount)
                byteCount = (recordByteCount + pageByteCount - 1) & ~(pageByteCount - 1)
                memory = try read(file, at: base - segmentBase, byteCount: byteCount)
            }
            let page = pages[number]
            page.pointee.memory = memory
            page.pointee.memoryByteCount = UInt32(byteCount)
            page.pointee.isFromDisk = true
            return memory
        } catch {
            counts.readFailures += 1
            return nil
        }
    }

    /// What the record that opens a page takes, if it goes beyond that page; 0 otherwise.
    private func largeRecordByteCount(at base: UInt64, header: RecordHeader) -> Int {
        guard header.mark == geometry.mark(at: base), header.payloadByteCount <= payloadByteCountMax else { return 0 }
        let byteCount = geometry.recordByteCount(payloadByteCount: header.payloadByteCount)
        return base + UInt64(byteCount) <= geometry.segmentEnd(of: base) ? byteCount : 0
    }

    /// Pages in fresh memory, with zeros where the file has ended.
    private func read(
        _ file: any DiskFile, at offset: UInt64, byteCount: Int
    ) throws(StorageError) -> UnsafeMutableRawPointer {
        let memory = pool.take(byteCount: byteCount)
        do throws(StorageError) {
            let bytes = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
            let count = try file.read(into: bytes, at: Int(offset))
            bytes[count...].initializeMemory(as: UInt8.self, repeating: 0)
            counts.pagesRead += byteCount / Int(geometry.pageByteCount)
            return memory
        } catch {
            pool.give(back: memory, byteCount: byteCount)
            throw error
        }
    }

    /// Puts the last page back into memory, so that the log goes on where it ended.
    private func reopenTailPage(file: any DiskFile, base: UInt64) throws(StorageError) {
        let number = geometry.pageNumber(of: tailEnd)
        guard number < pages.end, geometry.offsetInPage(tailEnd) > 0 else { return }
        let offset = geometry.pageBase(number: number) - base
        let page = pages[number]
        page.pointee.memory = try read(file, at: offset, byteCount: Int(geometry.pageByteCount))
        page.pointee.memoryByteCount = UInt32(geometry.pageByteCount)
        page.pointee.isFromDisk = true
    }

    /// A large record has its last page to itself.
    private func closeLargeRecord(at position: UInt64, recordByteCount: Int) {
        endPage()
        tailEnd = geometry.end(ofRecordAt: position, recordByteCount: recordByteCount)
    }

    private func extendTables(toAddress address: UInt64) {
        while pages.end <= geometry.pageNumber(of: address) { pages.append(.absent) }
        while segments.end <= geometry.segmentNumber(of: address) { segments.append(SegmentReferences()) }
    }
}
