import SegmentLog
import Testing

/// The checkpoint file, and starts with one.
@Suite struct CheckpointTests {
    private static let path = TestLog.directory + "/checkpoint"

    private func record(_ number: Int, _ count: Int = 150) -> TestRecord {
        TestRecord(kind: 1, payload: [UInt8](repeating: UInt8(number), count: count))
    }

    /// Writes a checkpoint that holds the segments and nothing else.
    private func writeCheckpoint(_ log: SegmentLog, cache: PageCache) -> SegmentLog.Checkpoint {
        var encoder = CheckpointEncoder()
        log.encodeSegments(into: &encoder)
        let content = SegmentLog.Checkpoint(position: log.tail, bytes: encoder.bytes)
        log.forceSync()
        while log.forcedDurable < content.position { log.poll() }
        var errors: [StorageError?] = []
        log.writeCheckpoint(content) { errors.append($0) }
        cache.jobs.drain()
        #expect(errors.count == 1 && errors[0] == nil)
        return content
    }

    /// A log of some segments with a checkpoint in the middle, closed.
    private struct Sample {
        var content: SegmentLog.Checkpoint
        var before: [TestRecord]
        var after: [TestRecord]
        var files: [String: [UInt8]]
        var liveBytes: Int
    }

    private func makeSample(before: Int = 9, after: Int = 7) throws -> Sample {
        let disk = FaultyDisk()
        let cache = TestLog.makeCache()
        let log = try TestLog.make(disk, cache: cache)
        let first = (0..<before).map { log.append(record($0, 40 + $0 * 20)) }
        log.release(first[1])
        log.release(first[2])
        let content = writeCheckpoint(log, cache: cache)
        let second = (0..<after).map { log.append(record(100 + $0)) }
        let live = log.statistics.liveBytes
        log.close()
        return Sample(content: content, before: first, after: second, files: disk.files, liveBytes: live)
    }

    /// Opens with the checkpoint if there is one, and restores what is behind it.
    private func open(
        _ disk: FaultyDisk, cache: PageCache = TestLog.makeCache()
    ) throws -> (log: SegmentLog, records: [TestRecord], usedCheckpoint: Bool) {
        let log = try SegmentLog.open(
            directory: TestLog.directory, configuration: TestLog.configuration, cache: cache, disk: disk, notify: {})
        let found = try log.readCheckpoint()
        if let found {
            var decoder = CheckpointDecoder(found.bytes)
            try log.prepareSegments(from: &decoder)
            #expect(decoder.isAtEnd)
        } else {
            log.prepareSegments()
        }
        var records: [TestRecord] = []
        try log.replay(from: found?.position) { records.append(TestRecord($0)) }
        return (log, records, found != nil)
    }

    @Test func onlyWhatIsBehindItIsRead() throws {
        let sample = try makeSample()
        let cache = TestLog.makeCache()
        let (log, records, usedCheckpoint) = try open(FaultyDisk(files: sample.files), cache: cache)
        #expect(usedCheckpoint && records == sample.after && log.recovery.records == sample.after.count)
        for record in records { log.restoreReferences(of: record) }
        log.finishRecovery()
        #expect(log.statistics.liveBytes == sample.liveBytes)
        for record in sample.before + sample.after where ![1, 2].contains(Int(record.payload[0])) {
            #expect(log.bytes(at: record.position) == record.payload)
            log.release(record)
        }
        _ = writeCheckpoint(log, cache: cache)
        for _ in 0..<3 { log.poll() }
        #expect(log.statistics.liveBytes == 0 && log.statistics.segments == 1)
        log.close()
    }

    @Test func everyBitOfTheFileMatters() throws {
        let sample = try makeSample()
        let count = try #require(sample.files[Self.path]).count
        for offset in 0..<count {
            var files = sample.files
            files[Self.path]?[offset] ^= 1 << UInt8(offset % 8)
            let (log, records, usedCheckpoint) = try open(FaultyDisk(files: files))
            #expect(!usedCheckpoint && records == sample.before + sample.after, "flipped \(offset)")
            log.close()
            files[Self.path] = Array(sample.files[Self.path]?.prefix(offset) ?? [])
            let (other, all, isUsed) = try open(FaultyDisk(files: files))
            #expect(!isUsed && all == sample.before + sample.after, "cut at \(offset)")
            other.close()
        }
        var files = sample.files
        files[Self.path]?.append(0)
        #expect(try !open(FaultyDisk(files: files)).usedCheckpoint)
    }

    @Test func checkpointOfAnotherLogIsNotUsed() throws {
        let one = try makeSample()
        var files = try makeSample().files
        files[Self.path] = one.files[Self.path]
        let (log, _, usedCheckpoint) = try open(FaultyDisk(files: files))
        #expect(!usedCheckpoint)
        log.close()
    }

    /// The log is cut and flipped behind the checkpoint and before it: only what is behind it is looked at.
    @Test func everyByteOfTheLogCutAndFlipped() throws {
        let sample = try makeSample()
        let segments = sample.files.keys.filter { $0.hasSuffix(".seg") }.sorted()
        let position = sample.content.position.rawValue
        for path in segments {
            let base = try #require(UInt64(path.dropFirst(4).dropLast(4), radix: 16))
            for offset in stride(from: 64, to: TestLog.segmentByteCount, by: 1) {
                let address = base + UInt64(offset)
                var files = sample.files
                files[path]?[offset] ^= offset % 2 == 0 ? 0xFF : 0x01
                let hit = sample.after.filter { address < $0.position.rawValue || address >= $0.contentEnd }
                let (log, records, usedCheckpoint) = try open(FaultyDisk(files: files))
                #expect(usedCheckpoint && records == hit, "\(path) \(offset) flipped")
                let reported = log.recovery.damageCount + (log.recovery.tornTail == nil ? 0 : 1)
                #expect(reported == (address < position ? 0 : 1), "\(path) \(offset) flipped")
                log.close()

                files = sample.files
                files[path]?.removeLast(TestLog.segmentByteCount - offset)
                let cut = base + UInt64(offset)..<base + UInt64(TestLog.segmentByteCount)
                let (other, left, isUsed) = try open(FaultyDisk(files: files))
                // A log that does not reach the checkpoint any more is read whole.
                let isShort = cut.contains(position - 1)
                let all = (isShort ? sample.before : []) + sample.after
                #expect(isUsed == !isShort, "\(path) \(offset) cut")
                #expect(
                    left == all.filter { !cut.contains($0.position.rawValue) && !cut.contains($0.contentEnd - 1) },
                    "\(path) \(offset) cut")
                other.close()
            }
        }
    }

    /// Segments that settle what a checkpoint holds stay until the next one, though nothing refers into them.
    @Test func whatAStartNeedsStays() throws {
        let disk = FaultyDisk()
        let cache = TestLog.makeCache()
        let log = try TestLog.make(disk, cache: cache)
        // Three records a segment: two are kept, the others pass through the second to the fourth.
        let kept = (0..<2).map { log.append(record($0, 224)) }
        let passing = (2..<5).map { log.append(record($0, 224)) }
        let content = writeCheckpoint(log, cache: cache)
        #expect(log.segmentNumber(of: content.position) == 1)
        let settles = (0..<7).map { log.append(record(10 + $0, 224), references: 0) }
        _ = log.noteSettled(passing[0].position)
        for record in passing { log.release(record) }
        log.settle()
        log.poll()
        let paths = TestLog.segmentPaths(disk)
        #expect([0, 1, 3].allSatisfy { paths.contains(TestLog.path(segment: $0)) })
        #expect(!paths.contains(TestLog.path(segment: 2)), "it settles nothing")
        // A start finds what is settled.
        let (again, records, usedCheckpoint) = try open(FaultyDisk(files: disk.files))
        #expect(usedCheckpoint && records == Array(settles[..<1] + settles[4...]))
        for record in passing { again.releaseRestored(record.position, share: record.byteCount) }
        again.finishRecovery()
        #expect(again.recovery.damageCount == 0 && again.statistics.liveBytes == log.statistics.liveBytes)
        for record in kept { #expect(again.bytes(at: record.position) == record.payload) }
        again.close()
        // Once there is another checkpoint, they go.
        _ = writeCheckpoint(log, cache: cache)
        log.flush(syncWanted: false)
        log.poll()
        #expect(!TestLog.segmentPaths(disk).contains(TestLog.path(segment: 1)))
        log.close()
    }

    /// Without new checkpoints the old one goes, and what it needed.
    @Test func checkpointsAreGivenUpRatherThanSpace() throws {
        let disk = FaultyDisk()
        let cache = TestLog.makeCache()
        let log = try TestLog.make(disk, cache: cache)
        let first = log.append(record(0, 224))
        _ = writeCheckpoint(log, cache: cache)
        log.release(first)
        var encoder = CheckpointEncoder()
        log.encodeSegments(into: &encoder)
        let late = SegmentLog.Checkpoint(position: log.tail, bytes: encoder.bytes)
        var rest: [TestRecord] = []
        while log.tail.rawValue <= late.position.rawValue + UInt64(4 * TestLog.segmentByteCount) {
            #expect(disk.files[Self.path] != nil && TestLog.segmentPaths(disk).contains(TestLog.path(segment: 0)))
            rest.append(log.append(record(1, 224), references: 0))
            log.settle()
            log.poll()
        }
        log.forceSync()
        for _ in 0..<3 { log.poll() }
        #expect(disk.files[Self.path] == nil && !TestLog.segmentPaths(disk).contains(TestLog.path(segment: 0)))
        let removed = try #require(disk.journal.lastIndex { $0 == "delete " + Self.path })
        let deleted = try #require(
            disk.journal.firstIndex { TestLog.segmentGone(by: $0) == TestLog.path(segment: 0) })
        #expect(disk.journal[removed + 1] == "sync " + TestLog.directory && removed + 1 < deleted)
        // One whose content was settled before that comes too late.
        var error: StorageError?
        log.writeCheckpoint(late) { error = $0 }
        cache.jobs.drain()
        #expect(error == .outdated(path: Self.path) && disk.files[Self.path] == nil)
        disk.releaseLocks()
        let (again, records, usedCheckpoint) = try open(disk)
        #expect(!usedCheckpoint && records == rest.filter { again.hasSegment(of: $0.position) })
        again.close()
    }

    /// Segments that went after the checkpoint are told from those that are lost.
    @Test func missingSegmentWithLiveRecordsIsReported() throws {
        let sample = try makeSample()
        var files = sample.files
        files[TestLog.path(segment: 0)] = nil
        for areSettled in [false, true] {
            let (log, records, usedCheckpoint) = try open(FaultyDisk(files: files))
            #expect(usedCheckpoint && records == sample.after)
            let lost = sample.before.filter {
                $0.position.rawValue < UInt64(TestLog.segmentByteCount) && ![1, 2].contains(Int($0.payload[0]))
            }
            #expect(!lost.isEmpty)
            if areSettled { for record in lost { log.releaseRestored(record.position, share: record.byteCount) } }
            log.finishRecovery()
            #expect(log.recovery.damageCount == (areSettled ? 0 : 1))
            if !areSettled {
                #expect(log.recovery.damage[0].file == TestLog.path(segment: 0))
                for record in lost {
                    #expect(log.isLost(record.position))
                    log.release(record)
                }
            }
            log.settle()
            log.poll()
            #expect(!log.hasSegment(of: LogPosition(rawValue: 64)))
            log.close()
        }
    }

    /// A log that was read whole has nothing to do with a checkpoint that is still there: by the time it gets to the
    /// position that this one is for, it holds something else.
    @Test func staleCheckpointIsNotUsedLater() throws {
        let sample = try makeSample(before: 9, after: 0)
        var files = sample.files
        for number in 1..<5 { files[TestLog.path(segment: number)] = nil }
        let disk = FaultyDisk(files: files)
        let (log, records, usedCheckpoint) = try open(disk)
        #expect(!usedCheckpoint && !records.isEmpty && log.tail < sample.content.position)
        for record in records { log.restoreReferences(of: record) }
        log.finishRecovery()
        var written: [TestRecord] = []
        while log.tail < sample.content.position || written.count < 10 { written.append(log.append(record(77))) }
        log.settle()
        disk.releaseLocks()
        let (again, all, isUsed) = try open(disk)
        #expect(!isUsed && all == records + written)
        again.close()
    }

    @Test func failedWriteLeavesTheOldOne() throws {
        let disk = FaultyDisk()
        let cache = TestLog.makeCache()
        let log = try TestLog.make(disk, cache: cache)
        _ = log.append(record(1))
        _ = writeCheckpoint(log, cache: cache)
        let old = disk.files[Self.path]
        _ = log.append(record(2))
        log.forceSync()
        log.poll()
        var faults = FaultyDisk.Faults()
        faults.freeBytes = 40
        disk.setFaults(faults)
        var error: StorageError?
        var encoder = CheckpointEncoder()
        log.encodeSegments(into: &encoder)
        log.writeCheckpoint(SegmentLog.Checkpoint(position: log.tail, bytes: encoder.bytes)) { error = $0 }
        cache.jobs.drain()
        #expect(error?.isDiskFull == true && disk.files[Self.path] == old)
        disk.setFaults(FaultyDisk.Faults())
        _ = writeCheckpoint(log, cache: cache)
        #expect(disk.files[Self.path] != old)
        log.close()
    }
}
