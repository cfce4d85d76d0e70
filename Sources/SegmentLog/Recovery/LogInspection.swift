/// Looks through a log's directory without changing anything in it, for tools. Nobody else may have it open.
public struct LogInspection {
    /// Valid records, damage, the torn tail.
    public private(set) var report = RecoveryReport()
    /// Where the log ends.
    public private(set) var end = LogPosition.zero
    public private(set) var segmentByteCount = 0
    /// Where the checkpoint stands; nil if there is none, or none that is whole.
    public private(set) var checkpoint: LogPosition?
    /// There is a file of a checkpoint, and it is damaged.
    public private(set) var isCheckpointDamaged = false

    /// Reads all that is there, and hands every valid record to `body`, oldest first.
    ///
    /// - Throws: `.locked` if the directory is in use, `.formatTooNew`, `.formatUnreadable` or `.system`.
    public init(
        directory: String, disk: any Disk = FileDisk(), _ body: (Record) -> Void
    ) throws(StorageError) {
        let names = try disk.fileNames(in: directory)
        guard names.contains(FormatFile.name) else {
            throw .formatUnreadable(path: "\(directory)/\(FormatFile.name)")
        }
        let lock = try disk.lock(at: "\(directory)/lock")
        defer { lock.release() }
        let geometry = try FormatFile.read(directory: directory, disk: disk).geometry
        segmentByteCount = Int(geometry.segmentByteCount)
        let bases = names.sorted().compactMap { geometry.segmentBase(fileName: $0) }
        guard let first = bases.first else { return }
        var scanner = SegmentScanner(geometry: geometry, firstBase: first, start: nil)
        func path(_ position: UInt64) -> String {
            "\(directory)/\(geometry.segmentFileName(base: geometry.segmentBase(of: position)))"
        }
        func damage(_ start: UInt64, _ end: UInt64) -> RecoveryReport.Damage {
            let offset = Int(start - geometry.segmentBase(of: start))
            return RecoveryReport.Damage(file: path(start), offset: offset, byteCount: Int(end - start))
        }
        let memory = PagePool.map(byteCount: segmentByteCount)
        defer { PagePool.unmap(memory, byteCount: segmentByteCount) }
        for base in bases {
            let file = try disk.openFile(at: path(base), create: false)
            let buffer = UnsafeMutableRawBufferPointer(start: memory, count: segmentByteCount)
            let bytes = UnsafeRawBufferPointer(start: memory, count: try file.read(into: buffer, at: 0))
            if case .valid(base, geometry) = SegmentHeader.read(bytes) {
            } else if bytes.prefix(SegmentHeader.byteCount).contains(where: { $0 != 0 }) {
                report.note(damage(base, base + UInt64(SegmentHeader.byteCount)))
            }
            var holes: [SegmentScanner.Hole] = []
            scanner.scan(bytes, base: base) { record in
                report.records += 1
                report.bytes += RecordHeader.byteCount + record.payload.count
                body(record)
            } hole: {
                holes.append($0)
            }
            for hole in holes { report.note(damage(hole.start, hole.end)) }
        }
        report.segments = bases.count
        end = LogPosition(rawValue: scanner.end)
        if let strayEnd = scanner.strayEnd {
            report.tornTail = damage(scanner.contentEnd, strayEnd)
            report.tornBytesCut = Int(strayEnd - scanner.contentEnd)
        }
        checkpoint = try CheckpointFile.read(directory: directory, salt: geometry.salt, disk: disk)?.position
        isCheckpointDamaged = checkpoint == nil && names.contains(CheckpointFile.name)
    }

    /// Whether everything is as it should be. A torn tail is: that is how a crash leaves a log.
    public var isSound: Bool { report.damageCount == 0 && !isCheckpointDamaged }
}
