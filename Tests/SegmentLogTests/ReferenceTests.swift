import SegmentLog
import Testing

/// What keeps pages in memory and segments on disk.
@Suite struct ReferenceTests {
    /// Records of a page each, of which three fit in a segment.
    private func fill(_ log: SegmentLog, count: Int = 8, pinned: Bool = false) -> [LogPosition] {
        (0..<count).map { number in
            log.append(
                TestRecord(payload: [UInt8](repeating: UInt8(number), count: 224)), references: 1, pinned: pinned
            ).position
        }
    }

    private func segments(_ disk: FaultyDisk) -> [String] {
        disk.files.keys.filter { $0.hasSuffix(".seg") }.sorted()
    }

    @Test func deadSegmentsGoOldestFirst() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let positions = fill(log, count: 10)
        log.settle()
        #expect(log.statistics.segments == 4)
        // The second and third segment are dead first, but may settle what is in the first.
        for position in positions[3..<9] { log.release(position) }
        log.settle()
        log.poll()
        #expect(log.statistics.segments == 4)
        for position in positions[..<3] { log.release(position) }
        log.flush(syncWanted: false)
        log.poll()
        #expect(log.statistics.segments == 1 && log.statistics.segmentsDeleted == 3)
        #expect(segments(disk).first == TestLog.path(segment: 3))
        let deletions = disk.journal.filter { $0.hasPrefix("delete") }
        #expect(deletions == (0..<3).map { "delete " + TestLog.path(segment: $0) })
        // Each is gone for good before the next goes.
        for entry in disk.journal.indices where disk.journal[entry].hasPrefix("delete") {
            #expect(disk.journal[entry + 1] == "sync " + TestLog.directory)
        }
        for position in positions[9...] { #expect(log.payload(at: position) != nil) }
        log.close()
    }

    @Test func deletionWaitsUntilWhatSettledIsDurable() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let positions = fill(log)
        log.settle()
        for position in positions[..<3] {
            _ = log.append(TestRecord(kind: 2, payload: [0]), references: 0)
            log.release(position)
        }
        // The settle records are not even written: nobody asked for a sync, but the space is wanted back.
        log.flush(syncWanted: false)
        #expect(segments(disk).first == TestLog.path(segment: 0))
        log.poll()
        #expect(log.durable == log.tail, "the round was synced")
        log.poll()
        #expect(segments(disk).first == TestLog.path(segment: 1))
        let settle = try #require(disk.journal.lastIndex { $0.hasPrefix("sync " + TestLog.path(segment: 2)) })
        let delete = try #require(disk.journal.firstIndex { $0.hasPrefix("delete") })
        #expect(settle < delete)
        log.close()
    }

    @Test func activeSegmentStays() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1]))
        log.settle()
        log.release(first.position)
        log.settle()
        log.poll()
        #expect(segments(disk) == [TestLog.path(segment: 0)])
        log.close()
    }

    @Test func severalReferences() throws {
        let log = try TestLog.make()
        let record = log.append(TestRecord(payload: [7]), references: 3)
        _ = fill(log, count: 4)
        log.settle()
        log.release(record.position)
        log.release(record.position)
        log.settle()
        #expect(log.bytes(at: record.position) == [7])
        #expect(log.statistics.segments == 2)
        log.close()
    }

    @Test func pinnedRecordsAreToBeRelocated() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let topology = log.append(TestRecord(kind: 3, payload: [9]), references: 1, pinned: true)
        let message = log.append(TestRecord(payload: [1]))
        #expect(log.oldestSegmentToRelocate == nil, "the active segment is never relocated")
        let others = fill(log)
        log.settle()
        #expect(log.oldestSegmentToRelocate == nil, "messages still keep it")
        log.release(message.position)
        for position in others[..<3] { log.release(position) }
        let range = try #require(log.oldestSegmentToRelocate)
        #expect(range.contains(topology.position) && !range.contains(log.tail))
        #expect(range.upperBound.rawValue == UInt64(TestLog.segmentByteCount))
        log.settle()
        #expect(log.statistics.segments == 3, "nothing goes before the owner has moved it")
        let moved = log.append(TestRecord(kind: 3, payload: [9]), references: 1, pinned: true)
        log.release(topology.position, pinned: true)
        #expect(log.oldestSegmentToRelocate == nil)
        log.settle()
        log.poll()
        #expect(segments(disk).first == TestLog.path(segment: 1))
        #expect(log.bytes(at: moved.position) == [9])
        log.close()
    }

    @Test func deadPrefixGoesAfterRecovery() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let positions = fill(log, count: 10)
        log.close()
        let (again, records) = try TestLog.open(disk)
        #expect(again.recovery.segments == 4 && records.count == 10)
        again.restoreReferences(at: positions[7], count: 2)
        again.restoreReferences(at: positions[9], count: 1, pinned: true)
        #expect(segments(disk).count >= 4)
        again.finishRecovery()
        again.poll()
        #expect(segments(disk).first == TestLog.path(segment: 2))
        #expect(again.bytes(at: positions[7]) == [UInt8](repeating: 7, count: 224))
        again.release(positions[7])
        again.release(positions[7])
        again.settle()
        again.poll()
        #expect(segments(disk).first == TestLog.path(segment: 3))
        again.close()
    }

    @Test func pagesLeaveMemoryWhenNothingRefersToThem() throws {
        let log = try TestLog.make()
        var live: [LogPosition] = []
        for _ in 0..<50 {
            live += fill(log)
            log.settle()
            for position in live { log.release(position) }
            live = []
            log.settle()
            log.poll()
        }
        // The open page and two spare ones.
        #expect(log.statistics.residentBytes <= 3 * TestLog.pageByteCount)
        #expect(log.statistics.segments <= 2)
        log.close()
    }

    @Test func coldRecordsAreReadOnceAndStayWhileReferenced() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let large = log.append(TestRecord(payload: [UInt8](repeating: 5, count: 700)))
        let positions = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        again.restoreReferences(at: large.position, count: 1)
        for position in positions { again.restoreReferences(at: position, count: 1) }
        again.finishRecovery()
        let read = again.statistics.pagesRead
        for _ in 0..<3 {
            #expect(again.bytes(at: positions[2]) == [UInt8](repeating: 2, count: 224))
            #expect(again.bytes(at: large.position) == large.payload)
        }
        // One page, and for the large record its first page alone, then all three.
        #expect(again.statistics.pagesRead == read + 1 + 4)
        let resident = again.statistics.residentBytes
        again.release(large.position)
        #expect(again.statistics.residentBytes == resident - 3 * TestLog.pageByteCount)
        again.close()
    }

    @Test func damagedColdRecordIsNil() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1, 2, 3]))
        let second = log.append(TestRecord(payload: [4]))
        let large = log.append(TestRecord(payload: [UInt8](repeating: 5, count: 700)))
        _ = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        for record in [first, second, large] { again.restoreReferences(at: record.position, count: 1) }
        again.finishRecovery()
        // The damage comes after recovery has seen the records whole.
        let file = try disk.openFile(at: TestLog.path(segment: 0), create: false)
        try withUnsafeBytes(of: UInt8(0xFF)) { byte in
            try file.write(byte, at: Int(first.position.rawValue) + 17)
            try file.write(byte, at: Int(large.position.rawValue) + 600)
        }
        #expect(again.payload(at: first.position) == nil)
        #expect(again.bytes(at: second.position) == [4])
        #expect(again.payload(at: large.position) == nil)
        #expect(again.statistics.readFailures == 2)
        try disk.deleteFile(at: TestLog.path(segment: 0))
        for record in [first, second, large] { again.release(record.position) }
        again.close()
    }

    @Test func lostFileOfAColdRecordIsNil() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1]))
        _ = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        again.restoreReferences(at: first.position, count: 1)
        again.finishRecovery()
        try disk.deleteFile(at: TestLog.path(segment: 0))
        #expect(again.payload(at: first.position) == nil)
        #expect(again.statistics.readFailures == 1)
        again.close()
    }
}
