/// Opens a directory: finds out its geometry, reads every segment, repairs what a crash left behind.
struct LogRecovery {
    /// What is known afterwards.
    struct Outcome {
        let geometry: LogGeometry
        /// The oldest segment; where a log without files begins.
        let firstBase: UInt64
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

    /// The caller holds the directory's lock. `replay` is called for every valid record, oldest first.
    static func run(
        directory: String, configuration: SegmentLog.Configuration, disk: any Disk, replay: (Record) -> Void
    ) throws(StorageError) -> Outcome {
        let names = try disk.fileNames(in: directory)
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
        let bases = segments.compactMap { geometry.segmentBase(fileName: $0) }
        guard let first = bases.first else {
            return Outcome(geometry: geometry, firstBase: 0, end: 0, tail: nil, report: RecoveryReport())
        }
        var recovery = LogRecovery(directory: directory, disk: disk, geometry: geometry, firstBase: first)
        try recovery.scan(bases, replay: replay)
        return try recovery.repair(bases, firstBase: first)
    }

    private init(directory: String, disk: any Disk, geometry: LogGeometry, firstBase: UInt64) {
        self.directory = directory
        self.disk = disk
        self.geometry = geometry
        self.scanner = SegmentScanner(geometry: geometry, start: firstBase)
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
            let count = try file.read(into: UnsafeMutableRawBufferPointer(start: memory, count: byteCount), at: 0)
            let bytes = UnsafeRawBufferPointer(start: memory, count: count)
            try checkHeader(bytes, base: base, file: file)
            var records = 0
            var recordBytes = 0
            var holes: [SegmentScanner.Hole] = []
            scanner.scan(bytes, base: base) { record in
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
    private mutating func checkHeader(
        _ bytes: UnsafeRawBufferPointer, base: UInt64, file: any DiskFile
    ) throws(StorageError) {
        switch SegmentHeader.read(bytes) {
        case .valid(base, geometry): return
        case .newer(let version):
            throw .formatTooNew(path: path(base), found: version, supported: FormatFile.version)
        case .valid: throw .foreignSegment(path: path(base))
        case .invalid: break
        }
        if bytes.prefix(SegmentHeader.byteCount).contains(where: { $0 != 0 }) {
            note(damage(from: base, to: base + UInt64(SegmentHeader.byteCount)))
        }
        try SegmentHeader.write(to: file, base: base, geometry: geometry)
        try file.sync()
    }

    /// Cuts what follows the last valid record, and makes the rest as durable as the owner is about to take it for.
    private mutating func repair(_ bases: [UInt64], firstBase: UInt64) throws(StorageError) -> Outcome {
        let tailBase = scanner.lastSegmentBase ?? firstBase
        if let strayEnd = scanner.strayEnd {
            report.tornTail = damage(from: scanner.contentEnd, to: strayEnd)
            report.tornBytesCut = Int(strayEnd - scanner.contentEnd)
        }
        // A missing file with records behind it was seen as a hole; this one had none behind it, but was there.
        let next = tailBase + geometry.segmentByteCount
        if let after = bases.first(where: { $0 > tailBase }), after > next { note(damage(from: next, to: after)) }
        // Newest first: were this to be interrupted, the log would still end where it is torn.
        for base in bases.reversed() where base > tailBase {
            try disk.deleteFile(at: path(base))
            try disk.syncDirectory(at: directory)
        }
        for base in bases where base < tailBase {
            try disk.openFile(at: path(base), create: false).sync()
        }
        let file = try disk.openFile(at: path(tailBase), create: false)
        let segmentByteCount = Int(geometry.segmentByteCount)
        let isTorn = scanner.strayEnd != nil
        if isTorn { try file.truncate(to: Int(scanner.contentEnd - tailBase)) }
        if try file.byteCount() < segmentByteCount { try file.preallocate(byteCount: segmentByteCount) }
        try file.sync()
        report.segments = geometry.segmentNumber(of: tailBase) - geometry.segmentNumber(of: firstBase) + 1
        return Outcome(
            geometry: geometry, firstBase: firstBase, end: scanner.end, tail: (tailBase, file), report: report)
    }

    private mutating func note(_ damage: RecoveryReport.Damage) {
        report.damageCount += 1
        if report.damage.count < RecoveryReport.damageMax { report.damage.append(damage) }
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
