@testable import SegmentLog

/// A record as tests remember it.
struct TestRecord: Equatable {
    var kind: UInt8 = 1
    var flags: UInt16 = 0
    var position = LogPosition.zero
    var payload: [UInt8]

    init(kind: UInt8 = 1, flags: UInt16 = 0, payload: [UInt8]) {
        self.kind = kind
        self.flags = flags
        self.payload = payload
    }

    init(_ record: Record) {
        kind = record.kind
        flags = record.flags
        position = record.position
        payload = Array(record.payload)
    }

    /// Behind its last byte of content.
    var contentEnd: UInt64 { position.rawValue + 16 + UInt64(payload.count) }

    /// What it takes in the log, alignment included.
    var byteCount: Int { (16 + payload.count + 7) & ~7 }
}

/// Counts the pages that it is told of.
final class TestWaiter: PageWaiter {
    private(set) var arrivals = 0

    func pageArrived() { arrivals += 1 }
}

/// A log on a disk in memory, with segments of a few small pages, whose writer runs inside `poll`.
enum TestLog {
    static let directory = "log"
    static let segmentByteCount = 1024
    static let pageByteCount = 256

    static var configuration: SegmentLog.Configuration {
        var configuration = SegmentLog.Configuration()
        configuration.segmentByteCount = segmentByteCount
        configuration.pageByteCount = pageByteCount
        configuration.sparePagesMax = 2
        configuration.writer = .insidePoll
        return configuration
    }

    /// The segment that a line of the disk's journal says is gone: its file was deleted, or is to be another's.
    static func segmentGone(by entry: String) -> String? {
        let words = entry.split(separator: " ").map(String.init)
        guard words.count > 1, words[1].hasSuffix(".seg"),
            words[0] == "delete" || words == ["rename", words[1], "\(directory)/\(SegmentFiles.spareName)"]
        else { return nil }
        return words[1]
    }

    /// A page cache whose jobs run within `poll`.
    static func makeCache(byteCountMax: Int = 1 << 20) -> PageCache {
        PageCache(byteCountMax: byteCountMax, jobs: DiskJobs(placement: .insidePoll, notify: {}))
    }

    /// Opens the log and reads it whole.
    static func open(
        _ disk: FaultyDisk, configuration: SegmentLog.Configuration = configuration, cache: PageCache = makeCache(),
        notify: @escaping @Sendable () -> Void = {}
    ) throws(StorageError) -> (log: SegmentLog, records: [TestRecord]) {
        let log = try SegmentLog.open(
            directory: directory, configuration: configuration, cache: cache, disk: disk, notify: notify)
        log.prepareSegments()
        var records: [TestRecord] = []
        try log.replay(from: nil) { records.append(TestRecord($0)) }
        return (log, records)
    }

    /// A log that is ready for appending, on a disk that was empty.
    static func make(
        _ disk: FaultyDisk = FaultyDisk(), configuration: SegmentLog.Configuration = configuration,
        cache: PageCache = makeCache()
    ) throws(StorageError) -> SegmentLog {
        let log = try open(disk, configuration: configuration, cache: cache).log
        log.finishRecovery()
        return log
    }

    static func path(segment number: Int) -> String {
        let base = String(number * segmentByteCount, radix: 16)
        return directory + "/" + String(repeating: "0", count: 16 - base.count) + base + ".seg"
    }

    /// The segment files that are there, oldest first.
    static func segmentPaths(_ disk: FaultyDisk) -> [String] {
        disk.files.keys.filter { $0.hasSuffix(".seg") }.sorted()
    }
}

extension SegmentLog {
    /// Appends the record and returns it with its position. Each reference has the whole record as its share.
    func append(_ record: TestRecord, references: Int = 1, pinned: Bool = false) -> TestRecord {
        var record = record
        record.position = append(
            kind: record.kind, flags: record.flags, payloadCount: record.payload.count, references: references,
            share: record.byteCount, pinned: pinned
        ) { $0.copyBytes(from: record.payload) }
        return record
    }

    func release(_ record: TestRecord, pinned: Bool = false) {
        release(record.position, share: record.byteCount, pinned: pinned)
    }

    func restoreReferences(of record: TestRecord, count: Int = 1, pinned: Bool = false) {
        restoreReferences(at: record.position, count: count, share: record.byteCount, pinned: pinned)
    }

    /// Flushes, and polls until everything is durable.
    func settle() {
        flush(syncWanted: true)
        while durable < tail { poll() }
    }

    /// What is to be had right now.
    func bytesHere(at position: LogPosition) -> [UInt8]? {
        guard case .here(let payload) = access(position) else { return nil }
        return Array(payload)
    }

    func isAway(_ position: LogPosition) -> Bool {
        guard case .away = access(position) else { return false }
        return true
    }

    func isLost(_ position: LogPosition) -> Bool {
        guard case .lost = access(position) else { return false }
        return true
    }

    /// The payload, read from disk if need be; nil if it is lost.
    func bytes(at position: LogPosition) -> [UInt8]? {
        if isAway(position) {
            fetch(position, for: TestWaiter())
            cache.jobs.poll()
        }
        return bytesHere(at: position)
    }
}
