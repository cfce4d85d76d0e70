import SegmentLog
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The log on the real file system.
@Suite struct FileDiskTests {
    private var configuration: SegmentLog.Configuration {
        var configuration = SegmentLog.Configuration()
        configuration.segmentByteCount = 64 << 10
        configuration.pageByteCount = 4 << 10
        return configuration
    }

    private func open(_ path: String) throws -> (log: SegmentLog, records: [TestRecord]) {
        let log = try SegmentLog.open(
            directory: path, configuration: configuration, cache: TestLog.makeCache(), notify: {})
        log.prepareSegments()
        var records: [TestRecord] = []
        try log.replay(from: nil) { records.append(TestRecord($0)) }
        return (log, records)
    }

    @Test func recordsComeBack() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/made/with/parents"
        let (log, none) = try open(path)
        #expect(none.isEmpty)
        log.finishRecovery()
        var written: [TestRecord] = []
        for number in 0..<300 {
            let count = number % 50 == 49 ? 20_000 : number * 3
            written.append(log.append(TestRecord(payload: [UInt8](repeating: UInt8(number & 255), count: count))))
            log.flush(syncWanted: number % 2 == 0)
            log.poll()
        }
        log.close()
        let (again, found) = try open(path)
        #expect(found == written)
        #expect(again.recovery.damageCount == 0 && again.recovery.tornBytesCut == 0)
        for record in found { again.restoreReferences(of: record) }
        again.finishRecovery()
        for record in found {
            #expect(again.bytes(at: record.position) == record.payload)
            again.release(record)
        }
        again.close()
        let names = try FileDisk().fileNames(in: path).filter { $0.hasSuffix(".seg") }
        #expect(names.count == 1)
    }

    @Test func lockNamesItsHolder() throws {
        let directory = try TemporaryDirectory()
        let (log, _) = try open(directory.path)
        #expect(throws: StorageError.locked(path: directory.path + "/lock", holder: getpid())) {
            try open(directory.path)
        }
        log.close()
        try open(directory.path).log.close()
    }

    @Test func segmentsAreReserved() throws {
        let directory = try TemporaryDirectory()
        let (log, _) = try open(directory.path)
        log.finishRecovery()
        _ = log.append(TestRecord(payload: [1]))
        log.close()
        let path = directory.path + "/0000000000000000.seg"
        #expect(try FileDisk().openFile(at: path, create: false).byteCount() == configuration.segmentByteCount)
        #expect(log.statistics.diskBytes == configuration.segmentByteCount)
    }

    @Test func errorsNameCallAndPath() throws {
        let directory = try TemporaryDirectory()
        let disk = FileDisk()
        let missing = directory.path + "/nothing"
        #expect(throws: StorageError.system(operation: "open", path: missing, errno: ENOENT)) {
            try disk.openFile(at: missing, create: false)
        }
        #expect(throws: StorageError.system(operation: "unlink", path: missing, errno: ENOENT)) {
            try disk.deleteFile(at: missing)
        }
        #expect(throws: StorageError.system(operation: "opendir", path: missing, errno: ENOENT)) {
            try disk.fileNames(in: missing)
        }
        let file = directory.path + "/file"
        _ = try disk.openFile(at: file, create: true)
        #expect(throws: StorageError.system(operation: "mkdir", path: file + "/below", errno: ENOTDIR)) {
            try disk.createDirectory(at: file + "/below")
        }
    }
}
