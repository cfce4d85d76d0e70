/// Reads pages of segment files, on a thread that may wait for the disk.
struct PageReader: Sendable {
    let directory: String
    let geometry: LogGeometry
    let disk: any Disk

    /// Fills `memory`, which is a page, with the page at that address; zeros where the file has ended. If the page begins
    /// with a record that is larger than a page, all of that is read, into new memory.
    func read(pageAt base: UInt64, into memory: DiskJobs.Value) -> DiskJobs.Outcome {
        DiskJobs.Outcome { () throws(StorageError) in
            let segmentBase = geometry.segmentBase(of: base)
            let path = "\(directory)/\(geometry.segmentFileName(base: segmentBase))"
            let file = try disk.openFile(at: path, create: false)
            guard let start = memory.memory else { preconditionFailure("no memory to read into") }
            try fill(UnsafeMutableRawBufferPointer(start: start, count: memory.byteCount), file, base - segmentBase)
            let recordByteCount = largeRecordByteCount(at: base, header: RecordHeader(at: start))
            guard recordByteCount > memory.byteCount else { return memory }
            let pageByteCount = Int(geometry.pageByteCount)
            let byteCount = (recordByteCount + pageByteCount - 1) & ~(pageByteCount - 1)
            let large = PagePool.map(byteCount: byteCount)
            do throws(StorageError) {
                try fill(UnsafeMutableRawBufferPointer(start: large, count: byteCount), file, base - segmentBase)
            } catch {
                PagePool.unmap(large, byteCount: byteCount)
                throw error
            }
            return DiskJobs.Value(memory: large, byteCount: byteCount)
        }
    }

    private func fill(
        _ bytes: UnsafeMutableRawBufferPointer, _ file: any DiskFile, _ offset: UInt64
    ) throws(StorageError) {
        let count = try file.read(into: bytes, at: Int(offset))
        UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// What the record that opens a page takes, if it goes beyond that page; 0 otherwise.
    private func largeRecordByteCount(at base: UInt64, header: RecordHeader) -> Int {
        guard header.mark == geometry.mark(at: base), header.payloadByteCount <= geometry.payloadByteCountMax else {
            return 0
        }
        let byteCount = LogGeometry.recordByteCount(payloadByteCount: header.payloadByteCount)
        return base + UInt64(byteCount) <= geometry.segmentEnd(of: base) ? byteCount : 0
    }
}
