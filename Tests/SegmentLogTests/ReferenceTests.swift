import SegmentLog
import Testing

/// What keeps pages in memory and segments on disk.
@Suite struct ReferenceTests {
    /// Records of a page each, of which three fit in a segment.
    private func fill(_ log: SegmentLog, count: Int = 8, pinned: Bool = false) -> [TestRecord] {
        (0..<count).map { number in
            log.append(
                TestRecord(payload: [UInt8](repeating: UInt8(number), count: 224)), references: 1, pinned: pinned)
        }
    }

    private func segments(_ disk: FaultyDisk) -> [String] { TestLog.segmentPaths(disk) }

    @Test func deadSegmentsGoOldestFirst() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        var records = fill(log, count: 3)
        for number in 3..<10 {
            records.append(log.append(TestRecord(payload: [UInt8](repeating: UInt8(number), count: 224))))
            // The second and third segment are dead first, but settle what is in the first.
            _ = log.noteSettled(records[0].position)
        }
        log.settle()
        #expect(log.statistics.segments == 4)
        for record in records[3..<9] { log.release(record) }
        log.settle()
        log.poll()
        #expect(log.statistics.segments == 4)
        for record in records[..<3] { log.release(record) }
        log.flush(syncWanted: false)
        log.poll()
        #expect(log.statistics.segments == 1 && log.statistics.segmentsDeleted == 3)
        #expect(segments(disk).first == TestLog.path(segment: 3))
        #expect(disk.journal.compactMap(TestLog.segmentGone) == (0..<3).map(TestLog.path(segment:)))
        // Each is gone for good before the next goes.
        for entry in disk.journal.indices where TestLog.segmentGone(by: disk.journal[entry]) != nil {
            #expect(disk.journal[entry + 1] == "sync " + TestLog.directory)
        }
        for record in records[9...] { #expect(log.bytes(at: record.position) == record.payload) }
        log.close()
    }

    /// What settles nothing elsewhere waits for nobody.
    @Test func segmentsInTheMiddleGoAtOnce() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let records = fill(log, count: 10)
        log.settle()
        for record in records[3..<6] { log.release(record) }
        log.settle()
        log.poll()
        #expect(log.statistics.segments == 3 && log.statistics.segmentsDeleted == 1)
        #expect(segments(disk) == [0, 2, 3].map(TestLog.path(segment:)))
        for record in records[..<3] + records[6...] { #expect(log.bytes(at: record.position) == record.payload) }
        log.close()
        let (again, found) = try TestLog.open(disk)
        #expect(found == Array(records[..<3] + records[6...]))
        #expect(again.recovery.damageCount == 0 && again.recovery.tornBytesCut == 0)
        #expect(again.tail == log.tail)
        again.close()
    }

    @Test func deletionWaitsUntilWhatSettledIsDurable() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let records = fill(log)
        log.settle()
        for record in records[..<3] {
            _ = log.append(TestRecord(kind: 2, payload: [0]), references: 0)
            log.release(record)
        }
        // The settle records are not even written: nobody asked for a sync, but the space is wanted back.
        log.flush(syncWanted: false)
        #expect(segments(disk).first == TestLog.path(segment: 0))
        log.poll()
        #expect(log.durable == log.tail, "the round was synced")
        log.poll()
        #expect(segments(disk).first == TestLog.path(segment: 1))
        let settle = try #require(disk.journal.lastIndex { $0.hasPrefix("sync " + TestLog.path(segment: 2)) })
        let delete = try #require(disk.journal.firstIndex { TestLog.segmentGone(by: $0) != nil })
        #expect(settle < delete)
        log.close()
    }

    @Test func activeSegmentStays() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1]))
        log.settle()
        log.release(first)
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
        log.release(record)
        log.release(record)
        log.settle()
        #expect(log.bytes(at: record.position) == [7])
        #expect(log.statistics.segments == 2)
        log.close()
    }

    @Test func pinnedRecordsAreToBeMoved() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let waiter = TestWaiter()
        let topology = log.append(TestRecord(kind: 3, payload: [9]), references: 1, pinned: true)
        let message = log.append(TestRecord(payload: [1]))
        #expect(log.pageToMove(for: waiter) == nil, "the active segment is never emptied")
        let others = fill(log)
        log.settle()
        #expect(log.pageToMove(for: waiter) == nil, "most of it is alive")
        log.release(message)
        for number in [0, 1, 2, 4, 5] { log.release(others[number]) }
        log.settle()
        log.poll()
        #expect(segments(disk).first == TestLog.path(segment: 0), "nothing goes before the owner has moved it")
        let page = try #require(log.pageToMove(for: waiter))
        #expect(page == log.pageNumber(of: topology.position))
        var moved: TestRecord?
        log.moveRecords(ofPage: page) {
            $0.position == topology.position
        } _: { records in
            for record in records {
                moved = log.append(TestRecord(kind: 3, payload: Array(record.payload)), pinned: true)
                log.release(topology, pinned: true)
            }
        }
        log.hasMovedRecords(ofPage: page)
        log.settle()
        log.poll()
        #expect(segments(disk).first == TestLog.path(segment: 1))
        #expect(log.bytes(at: try #require(moved).position) == [9])
        log.close()
    }

    @Test func deadPrefixGoesAfterRecovery() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let records = fill(log, count: 10)
        log.close()
        let (again, found) = try TestLog.open(disk)
        #expect(again.recovery.segments == 4 && found.count == 10)
        again.restoreReferences(of: records[7], count: 2)
        again.restoreReferences(of: records[9], pinned: true)
        #expect(segments(disk).count >= 4)
        again.finishRecovery()
        again.poll()
        #expect(segments(disk).first == TestLog.path(segment: 2))
        #expect(again.bytes(at: records[7].position) == [UInt8](repeating: 7, count: 224))
        again.release(records[7])
        again.release(records[7])
        again.settle()
        again.poll()
        #expect(segments(disk).first == TestLog.path(segment: 3))
        again.close()
    }

    @Test func pagesLeaveMemoryWhenNothingRefersToThem() throws {
        let log = try TestLog.make()
        var live: [TestRecord] = []
        for _ in 0..<50 {
            live += fill(log)
            log.settle()
            for record in live { log.release(record) }
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
        let records = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        again.restoreReferences(of: large)
        for record in records { again.restoreReferences(of: record) }
        again.finishRecovery()
        let read = again.statistics.pagesRead
        for _ in 0..<3 {
            #expect(again.bytes(at: records[2].position) == [UInt8](repeating: 2, count: 224))
            #expect(again.bytes(at: large.position) == large.payload)
        }
        // A large record's pages count as one.
        #expect(again.statistics.pagesRead == read + 2)
        let resident = again.statistics.residentBytes
        again.release(large)
        #expect(again.statistics.residentBytes == resident - 3 * TestLog.pageByteCount)
        again.close()
    }

    @Test func damagedColdRecordIsLost() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1, 2, 3]))
        let second = log.append(TestRecord(payload: [4]))
        let large = log.append(TestRecord(payload: [UInt8](repeating: 5, count: 700)))
        _ = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        for record in [first, second, large] { again.restoreReferences(of: record) }
        again.finishRecovery()
        // The damage comes after recovery has seen the records whole.
        let file = try disk.openFile(at: TestLog.path(segment: 0), create: false)
        try withUnsafeBytes(of: UInt8(0xFF)) { byte in
            try file.write(byte, at: Int(first.position.rawValue) + 17)
            try file.write(byte, at: Int(large.position.rawValue) + 600)
        }
        #expect(again.bytes(at: first.position) == nil)
        #expect(again.bytes(at: second.position) == [4])
        #expect(again.bytes(at: large.position) == nil)
        #expect(again.statistics.readFailures == 2)
        try disk.deleteFile(at: TestLog.path(segment: 0))
        for record in [first, second, large] { again.release(record) }
        again.close()
    }

    @Test func lostFileOfAColdRecordIsLost() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let first = log.append(TestRecord(payload: [1]))
        _ = fill(log)
        log.close()
        let again = try TestLog.open(disk).log
        again.restoreReferences(of: first)
        again.finishRecovery()
        try disk.deleteFile(at: TestLog.path(segment: 0))
        #expect(again.bytes(at: first.position) == nil)
        #expect(again.statistics.readFailures == 1 && again.isLost(first.position))
        again.close()
    }
}
