import Synchronization

extension SegmentLog {
    /// Reads all records that are on disk, on another thread, a segment at a time, while the log goes on.
    ///
    /// - Parameters:
    ///   - find: is called there, and adds what it wants to know of a record.
    ///   - then: gets what was found in a segment, on the owner's thread.
    public func scan<Found: Sendable>(
        jobs: DiskJobs, _ find: @escaping @Sendable (Record, inout [Found]) -> Void,
        then: @escaping ([Found]) -> Void
    ) {
        let scan = makeScan()
        self.scan(scan.bases[...], scan, jobs, find, then)
    }

    private func scan<Found: Sendable>(
        _ bases: ArraySlice<UInt64>, _ scan: LogScan, _ jobs: DiskJobs,
        _ find: @escaping @Sendable (Record, inout [Found]) -> Void, _ then: @escaping ([Found]) -> Void
    ) {
        guard let base = bases.first else { return }
        let found = FoundRecords<Found>()
        jobs.start(.read) {
            scan.forEachRecord(inSegment: base) { record in found.list.withLock { find(record, &$0) } }
            return .success(DiskJobs.Value())
        } then: { [weak self] _ in
            then(found.list.withLock { $0 })
            self?.scan(bases.dropFirst(), scan, jobs, find, then)
        }
    }
}

/// What a scan's thread hands to the owner's.
private final class FoundRecords<Found: Sendable>: Sendable {
    let list = Mutex<[Found]>([])
}
