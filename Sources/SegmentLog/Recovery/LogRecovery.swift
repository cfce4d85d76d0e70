/// Opens a directory: finds out its geometry, reads its segments, repairs what a crash left behind.
struct LogRecovery {
    /// What a directory is before anything is read.
    struct Found {
        let geometry: LogGeometry
        /// Bases of the segment files, oldest first.
        let bases: [UInt64]
    }

    /// What is known once it has been read.
    struct Outcome {
        /// Where the next record is looked for, right behind the last valid one.
        let end: UInt64
        /// The segment that `end` continues, nil if the log has no files yet.
        let tail: (base: UInt64, file: any DiskFile)?
        let report: RecoveryReport
    }

    private let directory: String
    private let disk: any Disk
    private let geometry: LogGeometry
    private var scanner: SegmentScanner
    private var report = RecoveryReport()

    /// The caller holds the directory's lock. Makes the format file of a new directory.
    static func look(
        into directory: String, configuration: SegmentLog.Configuration, disk: any Disk
    ) throws(StorageError) -> Found {
        let names = try disk.fileNames(in: directory)
        if names.contains(SegmentFiles.spareName) {
            try disk.deleteFile(at: "\(directory)/\(SegmentFiles.spareName)")
        }
        let segments = names.filter { $0.hasSuffix(LogGeometry.segmentFileSuffix) }.sorted()
        let geometry: LogGeometry
        if names.contains(FormatFile.name) {
            geometry = try FormatFile.read(directory: directory, disk: disk).geometry
        } else {
            geometry =
                try Self.geometry(ofSegments: segments, directory: directory, disk: disk)
                ?? LogGeometry(configuration: configuration)
            try FormatFile(geometry: geometry).write(directory: directory, disk: disk)
        }
        return Found(geometry: geometry, bases: segments.compactMap { geometry.segmentBase(fileName: $0) })
    }

    /// Reads the log from `start` on, or whole, and repairs it. `replay` is called for every valid record, oldest first.
    static func run(
        directory: String, found: Found, start: LogPosition?, disk: any Disk, replay: (Record) -> Void
    ) throws(StorageError) -> Outcome {
        guard let first = found.bases.first else {
            return Outcome(end: 0, tail: nil, report: RecoveryReport())
        }
        let geometry = found.geometry
        // A log may have ended just where a segment does, with no next one yet.
        let startBase = start.map { geometry.segmentBase(of: $0.rawValue - 1) } ?? first
        var recovery = LogRecovery(
            directory: directory, disk: disk, geometry: geometry,
            scanner: SegmentScanner(geometry: geometry, firstBase: startBase, start: start?.rawValue))
        for base in found.bases where base < startBase { try recovery.checkHeader(base) }
        let bases = found.bases.filter { $0 >= startBase }
        try recovery.scan(bases, replay: replay)
        return try recovery.repair(bases, startBase: startBase, segmentCount: found.bases.count)
    }

    private init(directory: String, disk: any Disk, geometry: LogGeometry, scanner: SegmentScanner) {
        self.directory = directory
        self.disk = disk
        self.geometry = geometry
        self.scanner = scanner
    }

    /// What the segments' own headers say, for a directory that lost its format file; nil if there are no segments.
    private static func geometry(
        ofSegments names: [String], directory: String, disk: any Disk
    ) throws(StorageError) -> LogGeometry? {
        for name in names {
            let file = try disk.openFile(at: "\(directory)/\(name)", create: false)
            switch try SegmentHeader.read(from: file) {
            case .valid(_, let geometry): return geometry
            case .newer(let version):
                throw .formatTooNew(path: "\(directory)/\(name)", found: version, supported: FormatFile.version)
            case .invalid: continue
            }
        }
        guard names.isEmpty else { throw .formatUnreadable(path: "\(directory)/\(FormatFile.name)") }
        return nil
    }

    /// Reads all segments through one buffer.
    private mutating func scan(_ bases: [UInt64], replay: (Record) -> Void) throws(StorageError) {
        let byteCount = Int(geometry.segmentByteCount)
        let memory = PagePool.map(byteCount: byteCount)
        defer { PagePool.unmap(memory, byteCount: byteCount) }
        for base in bases {
            let file = try disk.openFile(at: path(base), create: false)
            let skipped = scanner.firstOffset(inSegment: base)
            let buffer = UnsafeMutableRawBufferPointer(start: memory + skipped, count: byteCount - skipped)
            let count = try file.read(into: buffer, at: skipped)
            try checkHeader(base)
            var records = 0
            var recordBytes = 0
            var holes: [SegmentScanner.Hole] = []
            scanner.scan(UnsafeRawBufferPointer(start: memory, count: skipped + count), base: base) { record in
                records += 1
                recordBytes += RecordHeader.byteCount + record.payload.count
                replay(record)
            } hole: {
                holes.append($0)
            }
            report.records += records
            report.bytes += recordBytes
            for hole in holes { note(damage(from: hole.start, to: hole.end)) }
        }
    }

    /// A header that was never written, or that is damaged, is written again: the format file knows what it says.
    private mutating func checkHeader(_ base: UInt64) throws(StorageError) {
        let file = try disk.openFile(at: path(base), create: false)
        let bytes = try file.readPrefix(byteCountMax: SegmentHeader.byteCount)
        switch bytes.withUnsafeBytes({ SegmentHeader.read($0) }) {
        case .valid(base, geometry): return
        case .newer(let version):
            throw .formatTooNew(path: path(base), found: version, supported: FormatFile.version)
        case .valid: throw .foreignSegment(path: path(base))
        case .invalid: break
        }
        if bytes.contains(where: { $0 != 0 }) {
            note(damage(from: base, to: base + UInt64(SegmentHeader.byteCount)))
        }
        try SegmentHeader.write(to: file, base: base, geometry: geometry)
        try file.sync()
    }

    /// Cuts what follows the last valid record, and makes the rest as durable as the owner is about to take it for.
    private mutating func repair(
        _ bases: [UInt64], startBase: UInt64, segmentCount: Int
    ) throws(StorageError) -> Outcome {
        let tailBase = scanner.lastSegmentBase ?? bases.first ?? startBase
        if let strayEnd = scanner.strayEnd {
            report.tornTail = damage(from: scanner.contentEnd, to: strayEnd)
            report.tornBytesCut = Int(strayEnd - scanner.contentEnd)
        }
        // Newest first: were this to be interrupted, the log would still end where it is torn.
        var deleted = 0
        for base in bases.reversed() where base > tailBase {
            try disk.deleteFile(at: path(base))
            try disk.syncDirectory(at: directory)
            deleted += 1
        }
        for base in bases where base < tailBase {
            try disk.openFile(at: path(base), create: false).sync()
        }
        report.segments = segmentCount - deleted
        let file = try disk.openFile(at: path(tailBase), create: false)
        let segmentByteCount = Int(geometry.segmentByteCount)
        let isTorn = scanner.strayEnd != nil
        if isTorn { try file.truncate(to: Int(scanner.contentEnd - tailBase)) }
        if try file.byteCount() < segmentByteCount { try file.preallocate(byteCount: segmentByteCount) }
        try file.sync()
        return Outcome(end: scanner.end, tail: (tailBase, file), report: report)
    }

    private mutating func note(_ damage: RecoveryReport.Damage) {
        report.note(damage)
    }

    private func damage(from start: UInt64, to end: UInt64) -> RecoveryReport.Damage {
        let base = geometry.segmentBase(of: start)
        return RecoveryReport.Damage(file: path(base), offset: Int(start - base), byteCount: Int(end - start))
    }

    private func path(_ base: UInt64) -> String {
        "\(directory)/\(geometry.segmentFileName(base: base))"
    }
}

extension LogGeometry {
    /// The geometry of a new directory.
    fileprivate init(configuration: SegmentLog.Configuration) {
        let geometry = LogGeometry(
            segmentByteCount: configuration.segmentByteCount, pageByteCount: configuration.pageByteCount,
            salt: UInt32.random(in: .min ... .max))
        guard let geometry else {
            preconditionFailure("segment and page sizes must be powers of two, at least two pages a segment")
        }
        self = geometry
    }
}
