/// Reads all records that a log's files hold, on any thread, while the log goes on. What has not been written yet is not
/// seen, and what is deleted meanwhile may be.
public struct LogScan: Sendable {
    let directory: String
    let geometry: LogGeometry
    let disk: any Disk

    /// Bases of the segments that are there, oldest first.
    var bases: [UInt64] {
        let names = (try? disk.fileNames(in: directory)) ?? []
        return names.sorted().compactMap { geometry.segmentBase(fileName: $0) }
    }

    /// In the log's order.
    public func forEachRecord(_ body: (Record) -> Void) {
        for base in bases { forEachRecord(inSegment: base, body) }
    }

    func forEachRecord(inSegment base: UInt64, _ body: (Record) -> Void) {
        let byteCount = Int(geometry.segmentByteCount)
        let memory = PagePool.map(byteCount: byteCount)
        defer { PagePool.unmap(memory, byteCount: byteCount) }
        let path = "\(directory)/\(geometry.segmentFileName(base: base))"
        let buffer = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
        guard let file = try? disk.openFile(at: path, create: false), let count = try? file.read(into: buffer, at: 0)
        else { return }
        var scanner = SegmentScanner(geometry: geometry, firstBase: base, start: nil)
        scanner.scan(UnsafeRawBufferPointer(start: memory, count: count), base: base, record: body) { _ in }
    }
}

extension SegmentLog {
    public func makeScan() -> LogScan { LogScan(directory: directory, geometry: geometry, disk: disk) }
}
