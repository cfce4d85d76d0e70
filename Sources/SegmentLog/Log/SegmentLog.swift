/// An append-only log of records in a directory of segment files, shared by everything that must outlive the process.
///
/// All calls come from one owner, on one thread at a time; threads of the log's own do what blocks. The log knows bytes
/// and kinds of records, not what they mean: the owner says how many references keep a record alive, and takes them back
/// one by one. A file goes when nothing in it is needed any more.
///
/// A burst of work goes like this: `append` any number of records, `flush` once; when `notify` is called, call `poll`,
/// and everything before `durable` is on disk.
public final class SegmentLog {
    let directory: String
    let geometry: LogGeometry
    let disk: any Disk
    let writer: LogWriter
    let cache: PageCache
    private let lock: any DiskLock
    /// What opening the directory found.
    public internal(set) var recovery = RecoveryReport()

    // Unchecked: one owner makes all calls, one at a time, and no call lets foreign code run while a property is being
    // changed. (`fill` runs while none is.) The checks would cost more than an append.
    @exclusivity(unchecked) var segments: SegmentTable
    @exclusivity(unchecked) var pool: PagePool
    /// Where the log ends.
    @exclusivity(unchecked) var tailEnd: UInt64 = 0
    @exclusivity(unchecked) var openPage = OpenPage.none
    @exclusivity(unchecked) var writtenEnd: UInt64 = 0
    @exclusivity(unchecked) var counts = LogStatistics()
    /// Bytes of all live records, shares of references added up.
    @exclusivity(unchecked) var liveByteCount = 0
    /// Records that were appended before the segment that is being filled was begun.
    var recordsBeforeSegment = 0
    var handedEnd: UInt64 = 0
    /// Everything before it is durable once what was handed to the writer is done.
    var syncedByHandedEnd: UInt64 = 0
    var durableEnd: UInt64 = 0
    var forcedDurableEnd: UInt64 = 0
    var isSyncPending = false
    /// Somebody needs a real sync whatever the policy says.
    var isSyncForced = false
    /// How many times something was handed to the writer that it is not known to be done with.
    @exclusivity(unchecked) var partsUnderWay = 0
    /// A round that found the disk full and waits to be tried again.
    var stalledRound: WriteRound?
    var hasFinishedRecovery = false
    var hasFailed = false
    var isClosed = false
    /// Segments that nothing refers into, oldest first, but for what is being filled.
    var deadNumbers: [Int] = []
    /// Dead segments whose settles must be written anew before they can go.
    var numbersToCarry: [Int] = []
    /// Where checkpoints end: the one on disk, the one that is being written, and one whose content has been settled; 0
    /// for none.
    var checkpointEnd: UInt64 = 0
    var writingCheckpointEnd: UInt64 = 0
    var pendingCheckpointEnd: UInt64 = 0
    /// The checkpoint on disk has been outlived, and goes before the next segment does.
    var isCheckpointOutdated = false
    /// The segment that is being emptied, -1 for none, and the page in it that comes next.
    var emptiedNumber = -1
    var emptiedPage = 0
    /// The page whose records are being moved: its memory stays meanwhile.
    var movingPage = -1
    /// Records that were moved while somebody still names them by their old position.
    var forwarded: [UInt64: Forwarding] = [:]
    @exclusivity(unchecked) var forwardedCount = 0
    /// Damaged records that were come across since the owner asked last.
    var lostRecords: [RecoveryReport.Damage] = []
    /// Bases of the files that were there when the log was opened.
    let basesFound: [UInt64]

    struct Forwarding {
        let position: UInt64
        let share: Int
        var names: Int
    }

    /// Opens or makes the log in `directory`. The owner then reads what it holds (`readCheckpoint`, `replay`), tells what
    /// is alive (`restoreReferences`), and calls `finishRecovery`.
    ///
    /// - Parameter notify: called on a thread of the log's own when there is something for `poll` to take over. It must
    ///   not call the log, nor hold the last reference to it.
    /// - Throws: `.locked` if somebody else has the directory; `.formatTooNew`, `.formatUnreadable` and
    ///   `.foreignSegment` for files that this version should not touch; `.system` for what the operating system
    ///   refused. Damaged records are not errors, see `recovery`.
    public static func open(
        directory: String, configuration: Configuration = Configuration(), cache: PageCache,
        disk: any Disk = FileDisk(), notify: @escaping @Sendable () -> Void
    ) throws(StorageError) -> SegmentLog {
        try disk.createDirectory(at: directory)
        let lock = try disk.lock(at: "\(directory)/lock")
        do throws(StorageError) {
            let found = try LogRecovery.look(into: directory, configuration: configuration, disk: disk)
            return SegmentLog(
                directory: directory, configuration: configuration, cache: cache, disk: disk, lock: lock,
                notify: notify, found: found)
        } catch {
            lock.release()
            throw error
        }
    }

    private init(
        directory: String, configuration: Configuration, cache: PageCache, disk: any Disk, lock: any DiskLock,
        notify: @escaping @Sendable () -> Void, found: LogRecovery.Found
    ) {
        geometry = found.geometry
        basesFound = found.bases
        self.directory = directory
        self.cache = cache
        self.disk = disk
        self.lock = lock
        writer = LogWriter(
            directory: directory, geometry: geometry, disk: disk, configuration: configuration, notify: notify)
        pool = PagePool(
            pageByteCount: Int(geometry.pageByteCount), sparePagesMax: configuration.sparePagesMax)
        segments = SegmentTable(geometry: geometry, first: geometry.segmentNumber(of: found.bases.first ?? 0))
        cache.register(self, for: .log)
    }

    deinit {
        cache.register(nil, for: .log)
        // The writer may still be reading pages; what it was not given is lost, as in a crash.
        writer.waitUntilIdle()
        for number in segments.numbers {
            guard let segment = segments[number] else { continue }
            for index in 0..<pagesPerSegment where segment.pointee.pages[index].memory != nil {
                dropPage(&segment.pointee.pages[index])
            }
        }
        if !isClosed { lock.release() }
    }

    // MARK: What the owner sees

    /// Where the next record goes at the earliest: a confirm waits until `durable` has reached what `tail` was after
    /// the append.
    public var tail: LogPosition { LogPosition(rawValue: tailEnd) }

    /// Everything before it is durable as the sync policy has it. Moves in `poll` only.
    public var durable: LogPosition { LogPosition(rawValue: durableEnd) }

    /// Everything before it is on disk really, because `forceSync` asked for that.
    public var forcedDurable: LogPosition { LogPosition(rawValue: forcedDurableEnd) }

    /// Records that turned out to be lost or damaged since the last call, for the owner to report.
    public func takeLostRecords() -> [RecoveryReport.Damage] {
        guard !lostRecords.isEmpty else { return [] }
        defer { lostRecords = [] }
        return lostRecords
    }

    /// What a segment holds, in bytes, as the directory has it whatever was asked for.
    public var segmentByteCount: Int { Int(geometry.segmentByteCount) }

    /// The largest payload that a record can have, in bytes.
    public var payloadByteCountMax: Int { geometry.payloadByteCountMax }

    /// What a record with such a payload takes in the log, in bytes: a multiple of eight.
    @inline(__always)
    public static func recordByteCount(payloadCount: Int) -> Int {
        LogGeometry.recordByteCount(payloadByteCount: payloadCount)
    }

    /// Records that were appended since the log was opened.
    public var recordsAppended: Int { counts.recordsAppended }
    /// Records that were appended to the segment that is being filled since it was begun, or since the log was opened.
    public var recordsInSegment: Int { counts.recordsAppended - recordsBeforeSegment }

    /// Whether a record of that size, appended next, would be the first of a segment.
    public func beginsSegment(payloadCount: Int) -> Bool {
        let size = LogGeometry.recordByteCount(payloadByteCount: payloadCount)
        let position = geometry.placement(after: tailEnd, recordByteCount: size)
        return geometry.segmentNumber(of: position) != openPageSegmentNumber
    }

    private var openPageSegmentNumber: Int { tailEnd == 0 ? -1 : geometry.segmentNumber(of: tailEnd - 1) }

    /// Segments that were deleted since then.
    public var segmentsDeleted: Int { counts.segmentsDeleted }

    var pagesPerSegment: Int { Int(geometry.segmentByteCount / geometry.pageByteCount) }

    public var statistics: LogStatistics {
        var statistics = counts
        statistics.segments = segments.count
        statistics.diskBytes = segments.count * Int(geometry.segmentByteCount)
        statistics.liveBytes = liveByteCount
        statistics.residentBytes = pool.residentByteCount
        statistics.unwrittenBytes = Int(tailEnd - writtenEnd)
        statistics.syncs = writer.syncCount
        return statistics
    }

    // MARK: Records

    /// Adds a record and returns its position. It is in memory until the next `flush`.
    ///
    /// - Parameters:
    ///   - kind: what the record is, for the owner to know at replay; not 0.
    ///   - payloadCount: bytes of the payload, at most `payloadByteCountMax`.
    ///   - references: how many owners keep the record alive: each of them calls `release` once. 0 for a record that
    ///     only has to be replayed after what it speaks of.
    ///   - share: what each of them will pass to `release`: about the record's size divided by their number.
    ///   - pinned: the references are topology: they stay until the owner writes it anew.
    ///   - fill: is called once, at once, to write the payload (all of it: the memory holds old bytes). It must not
    ///     use the log.
    public func append(
        kind: UInt8, flags: UInt16 = 0, payloadCount: Int, references: Int, share: Int, pinned: Bool = false,
        fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> LogPosition {
        precondition(kind != 0 && payloadCount >= 0 && references >= 0)
        let recordByteCount = LogGeometry.recordByteCount(payloadByteCount: payloadCount)
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
            openPage.segment.pointee.references += references
        }
        openPage.segment.pointee.liveByteCount += references * share
        liveByteCount += references * share
        tailEnd = position + UInt64(recordByteCount)
        counts.recordsAppended += 1
        counts.bytesAppended += recordByteCount
        if recordByteCount > geometry.pageByteCount { closeLargeRecord(at: position, recordByteCount: recordByteCount) }
        return LogPosition(rawValue: position)
    }

    /// The payload of a record that holds a reference, if it is in memory. Otherwise `fetch` brings it.
    @inline(__always)
    public func access(_ position: LogPosition) -> PayloadAccess {
        guard forwardedCount == 0, let page = page(of: position.rawValue) else { return accessForwarded(position) }
        return access(page, position)
    }

    @inline(__always)
    private func access(_ page: UnsafeMutablePointer<Page>, _ position: LogPosition) -> PayloadAccess {
        guard let memory = page.pointee.memory, page.pointee.frame >= 0 else {
            return page.pointee.hasFailed ? .lost : .away
        }
        cache.touch(page.pointee.frame)
        let offset = geometry.offsetInPage(position.rawValue)
        let address = UnsafeRawPointer(memory + offset)
        let mark = geometry.mark(at: position.rawValue)
        let header: RecordHeader
        if page.pointee.isFromDisk {
            let byteCountMax = Int(page.pointee.memoryByteCount) - offset
            guard let valid = RecordHeader.valid(at: address, byteCountMax: byteCountMax, mark: mark) else {
                return reportLost(position)
            }
            header = valid
        } else {
            header = RecordHeader(at: address)
            precondition(header.mark == mark, "not the position of a record")
        }
        return .here(UnsafeRawBufferPointer(start: address + RecordHeader.byteCount, count: header.payloadByteCount))
    }

    @inline(never)
    private func accessForwarded(_ position: LogPosition) -> PayloadAccess {
        let position = followed(position)
        guard let page = page(of: position.rawValue) else { return .lost }
        return access(page, position)
    }

    /// Takes one reference back. What makes it superfluous (an acknowledgement, say) must have been appended before:
    /// the segment goes only when that is durable. The record must not be read once its last reference is gone.
    ///
    /// - Parameters:
    ///   - share, pinned: what they were when the reference was made.
    @inline(__always)
    public func release(_ position: LogPosition, share: Int, pinned: Bool = false) {
        let number = geometry.segmentNumber(of: position.rawValue)
        guard forwardedCount == 0, let segment = segments[number] else {
            return releaseForwarded(position, share: share, pinned: pinned)
        }
        release(position, in: segment, share: share, pinned: pinned)
    }

    @inline(__always)
    private func release(
        _ position: LogPosition, in segment: UnsafeMutablePointer<Segment>, share: Int, pinned: Bool
    ) {
        if pinned {
            precondition(segment.pointee.pinned > 0, "released more often than referenced")
            segment.pointee.pinned -= 1
        } else {
            precondition(segment.pointee.references > 0, "released more often than referenced")
            segment.pointee.references -= 1
        }
        segment.pointee.liveByteCount -= share
        liveByteCount -= share
        if segment.pointee.isDead { segmentDied(segment) }
        let page = segment.pointee.pages + geometry.pageIndexInSegment(of: position.rawValue)
        precondition(page.pointee.references > 0, "released more often than referenced")
        page.pointee.references -= 1
        if page.pointee.references == 0 { dropPageIfDone(page, number: geometry.pageNumber(of: position.rawValue)) }
    }

    @inline(never)
    private func releaseForwarded(_ position: LogPosition, share: Int, pinned: Bool) {
        let (position, share) = useName(position, share: share)
        guard let segment = segments[geometry.segmentNumber(of: position.rawValue)] else {
            preconditionFailure("no such record")
        }
        release(position, in: segment, share: share, pinned: pinned)
    }

    /// Whoever knew a record by that position, and would have released it by that, has forgotten it: it was handed out, and
    /// has come back. It is known by the position that the index has.
    @inline(__always)
    public func forgetName(_ position: LogPosition) {
        if forwardedCount > 0 { _ = useName(position, share: 0) }
    }

    /// Follows a name that is not used again.
    private func useName(_ name: LogPosition, share: Int) -> (LogPosition, share: Int) {
        var position = name
        var share = share
        while var forwarding = forwarded[position.rawValue] {
            forwarding.names -= 1
            if forwarding.names > 0 {
                forwarded[position.rawValue] = forwarding
            } else {
                forwarded[position.rawValue] = nil
                forwardedCount -= 1
            }
            position = LogPosition(rawValue: forwarding.position)
            share = forwarding.share
        }
        return (position, share)
    }

    /// Where a record is that may have been moved.
    func followed(_ position: LogPosition) -> LogPosition {
        var position = position
        while let forwarding = forwarded[position.rawValue] {
            position = LogPosition(rawValue: forwarding.position)
        }
        return position
    }

    /// The table entry of a position's page, nil if its segment is gone.
    @inline(__always)
    func page(of position: UInt64) -> UnsafeMutablePointer<Page>? {
        guard let segment = segments[geometry.segmentNumber(of: position)] else { return nil }
        return segment.pointee.pages + geometry.pageIndexInSegment(of: position)
    }

    // MARK: The end

    /// Writes and syncs everything, and gives the directory back. The log must not be used afterwards.
    public func close() {
        precondition(!isClosed)
        isSyncPending = durableEnd < tailEnd
        repeat {
            handOver()
            writer.work()
            writer.waitUntilIdle()
            takeOutcome()
        } while !hasFailed && stalledRound == nil && (writtenEnd < tailEnd || isSyncPending || isWriterBusy)
        writer.finish()
        lock.release()
        isClosed = true
    }
}
