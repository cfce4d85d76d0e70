import SegmentLog

/// A record as tests remember it.
struct TestRecord: Equatable {
    var kind: UInt8 = 1
    var flags: UInt16 = 0
    var position = LogPosition.zero
    var payload: [UInt8]

    /// Behind its last byte of content.
    var contentEnd: UInt64 { position.rawValue + 16 + UInt64(payload.count) }
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

    static func open(
        _ disk: FaultyDisk, configuration: SegmentLog.Configuration = configuration,
        notify: @escaping @Sendable () -> Void = {}
    ) throws(StorageError) -> (log: SegmentLog, records: [TestRecord]) {
        var records: [TestRecord] = []
        let log = try SegmentLog.open(
            directory: directory, configuration: configuration, disk: disk, notify: notify,
            replay: { record in
                records.append(
                    TestRecord(
                        kind: record.kind, flags: record.flags, position: record.position,
                        payload: Array(record.payload)))
            })
        return (log, records)
    }

    /// A log that is ready for appending, on a disk that was empty.
    static func make(
        _ disk: FaultyDisk = FaultyDisk(), configuration: SegmentLog.Configuration = configuration
    ) throws(StorageError) -> SegmentLog {
        let log = try open(disk, configuration: configuration).log
        log.finishRecovery()
        return log
    }

    static func path(segment number: Int) -> String {
        let base = String(number * segmentByteCount, radix: 16)
        return directory + "/" + String(repeating: "0", count: 16 - base.count) + base + ".seg"
    }
}

extension SegmentLog {
    /// Appends the record and returns it with its position.
    func append(_ record: TestRecord, references: Int = 1, pinned: Bool = false) -> TestRecord {
        var record = record
        record.position = append(
            kind: record.kind, flags: record.flags, payloadCount: record.payload.count, references: references,
            pinned: pinned
        ) { $0.copyBytes(from: record.payload) }
        return record
    }

    /// Flushes, and polls until everything is durable.
    func settle() {
        flush(syncWanted: true)
        while durable < tail { poll() }
    }

    func bytes(at position: LogPosition) -> [UInt8]? {
        payload(at: position).map { Array($0) }
    }
}
