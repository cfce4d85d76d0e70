import Testing

@testable import SegmentLog

/// What becomes of the files of segments that nothing needs.
@Suite struct SegmentFilesTests {
    private static let spare = "\(TestLog.directory)/\(SegmentFiles.spareName)"

    private func makeFiles(_ disk: FaultyDisk) throws -> SegmentFiles {
        let geometry = try #require(
            LogGeometry(
                segmentByteCount: TestLog.segmentByteCount, pageByteCount: TestLog.pageByteCount, salt: 7))
        return SegmentFiles(directory: TestLog.directory, geometry: geometry, disk: disk)
    }

    /// A segment's file with records' bytes all over it.
    private func fill(_ files: SegmentFiles, segment: Int) throws {
        let file = try files.file(base: UInt64(segment * TestLog.segmentByteCount))
        try file.write([UInt8](repeating: 0xA5, count: TestLog.segmentByteCount - 64), at: 64)
        try file.sync()
    }

    @Test("a file that goes is the next one, and reads as a new one does")
    func deadFileIsUsedAgain() throws {
        let disk = FaultyDisk()
        let files = try makeFiles(disk)
        try fill(files, segment: 0)
        try files.delete(base: 0)
        #expect(disk.files.keys.sorted() == [Self.spare])
        let base = UInt64(TestLog.segmentByteCount)
        let file = try files.file(base: base)
        #expect(disk.files.keys.sorted() == [files.path(base: base)])
        #expect(try file.byteCount() == TestLog.segmentByteCount)
        let fresh = FaultyDisk()
        _ = try makeFiles(fresh).file(base: base)
        #expect(disk.files == fresh.files)
    }

    @Test("one file is kept, and none beside one that is made already")
    func noMoreThanOneIsKept() throws {
        let disk = FaultyDisk()
        let files = try makeFiles(disk)
        for segment in 0..<4 { try fill(files, segment: segment) }
        try files.delete(base: 0)
        try files.delete(base: UInt64(TestLog.segmentByteCount))
        #expect(disk.files.count == 3)
        files.makeAhead(
            base: UInt64(4 * TestLog.segmentByteCount), filledByteCount: UInt64(TestLog.segmentByteCount / 2 + 1))
        try files.delete(base: UInt64(2 * TestLog.segmentByteCount))
        #expect(disk.files.keys.sorted() == [3, 4].map(TestLog.path(segment:)))
    }

    @Test("a file that is becoming a segment's keeps its name while another one goes")
    func deletionWhileAFileIsMade() throws {
        let disk = FaultyDisk()
        let files = try makeFiles(disk)
        for segment in 0..<2 { try fill(files, segment: segment) }
        try files.delete(base: 0)
        var faults = FaultyDisk.Faults()
        faults.onSync = { try? files.delete(base: UInt64(TestLog.segmentByteCount)) }
        disk.setFaults(faults)
        let base = UInt64(2 * TestLog.segmentByteCount)
        let file = try files.file(base: base)
        #expect(try file.readPrefix(byteCountMax: TestLog.segmentByteCount) == disk.files[files.path(base: base)])
        #expect(disk.files.count == 1)
    }

    @Test("without an old file the next one is made late")
    func newFilesAreMadeLate() throws {
        let disk = FaultyDisk()
        let files = try makeFiles(disk)
        let size = UInt64(TestLog.segmentByteCount)
        files.makeAhead(base: size, filledByteCount: size / 16 * 15)
        #expect(disk.files.isEmpty)
        files.makeAhead(base: size, filledByteCount: size / 16 * 15 + 1)
        #expect(disk.files.count == 1)
    }

    @Test("where a file can't be made to read as zeros it is deleted")
    func refusedZeros() throws {
        let disk = FaultyDisk()
        var faults = FaultyDisk.Faults()
        faults.refusesZeros = true
        disk.setFaults(faults)
        let files = try makeFiles(disk)
        for segment in 0..<2 { try fill(files, segment: segment) }
        try files.delete(base: 0)
        try files.delete(base: UInt64(TestLog.segmentByteCount))
        #expect(disk.files.isEmpty)
        #expect(disk.journal.count { $0.hasPrefix("rename") } == 1, "it is tried once")
    }

    @Test("a start deletes what was to be used again")
    func spareOfAnEarlierProcess() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let record = log.append(TestRecord(payload: [1, 2]))
        log.settle()
        log.close()
        var files = disk.files
        files[Self.spare] = [1, 2, 3]
        let after = FaultyDisk(files: files)
        let (again, found) = try TestLog.open(after)
        #expect(found == [record] && after.files[Self.spare] == nil)
        again.close()
    }
}
