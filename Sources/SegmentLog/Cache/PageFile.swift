/// A side file of pages that have left memory: slots of one size, in any order. It holds nothing that could not be made
/// again, and says nothing of itself: whoever keeps pages in it knows their slots.
///
/// Owned by the core; reads and writes go through `DiskJobs`.
final class PageFile {
    let slotByteCount: Int
    private let path: String
    private let file: any DiskFile
    private var free: [Int32] = []
    private(set) var slotCount: Int32 = 0
    /// Freed, but a checkpoint on disk still counts on them.
    private var freedSinceSnapshot: [Int32] = []
    private var freedBeforeSnapshot: [Int32] = []

    /// - Parameter keepsContent: whether the file's slots are used on, as a checkpoint says; else it starts empty.
    init(
        disk: any Disk, directory: String, name: String, slotByteCount: Int, keepsContent: Bool
    ) throws(StorageError) {
        path = "\(directory)/\(name)"
        self.slotByteCount = slotByteCount
        let isThere = keepsContent ? try disk.fileNames(in: directory).contains(name) : false
        file = try disk.openFile(at: path, create: !isThere)
    }

    var byteCount: Int { Int(slotCount) * slotByteCount }

    /// `count` slots in a row; more than one only at the file's end.
    func allocate(count: Int = 1) -> Int32 {
        if count == 1, let slot = free.popLast() { return slot }
        defer { slotCount += Int32(count) }
        return slotCount
    }

    /// Frees slots that no checkpoint knows of.
    func free(_ slot: Int32, count: Int = 1) {
        for slot in slot..<slot + Int32(count) { free.append(slot) }
        if free.count == Int(slotCount) { reset() }
    }

    /// Nothing is in it: the space goes back.
    private func reset() {
        guard (try? file.truncate(to: 0)) != nil else { return }
        free = []
        slotCount = 0
    }

    // MARK: Slots that checkpoints know of

    /// Frees a slot once the next checkpoint is on disk.
    func freeAfterCheckpoint(_ slot: Int32) { freedSinceSnapshot.append(slot) }

    /// A checkpoint's content has been settled: what is freed from now on may stand in it.
    func snapshotTaken() {
        freedBeforeSnapshot += freedSinceSnapshot
        freedSinceSnapshot = []
    }

    /// That checkpoint is on disk.
    func checkpointDurable() {
        for slot in freedBeforeSnapshot { free.append(slot) }
        freedBeforeSnapshot = []
    }

    /// After a start: these slots are in use, all others are free.
    func restore(used: Set<Int32>) {
        slotCount = (used.max() ?? -1) + 1
        free = (0..<slotCount).filter { !used.contains($0) }
    }

    func reachesItsSlots() throws(StorageError) -> Bool { try file.byteCount() >= byteCount }

    // MARK: Jobs

    /// Writes `memory`, which must stay as it is until the job is done, to a slot.
    func writeJob(_ memory: UnsafeMutableRawPointer, byteCount: Int, slot: Int32) -> DiskJobs.Job {
        let offset = Int(slot) * slotByteCount
        let value = DiskJobs.Value(memory: memory, byteCount: byteCount)
        return { [file] in
            DiskJobs.Outcome { () throws(StorageError) in
                try file.write(UnsafeRawBufferPointer(start: value.memory, count: byteCount), at: offset)
                return value
            }
        }
    }

    /// Fills `memory` from a slot.
    func readJob(into memory: UnsafeMutableRawPointer, byteCount: Int, slot: Int32) -> DiskJobs.Job {
        let offset = Int(slot) * slotByteCount
        let value = DiskJobs.Value(memory: memory, byteCount: byteCount)
        return { [file, path] in
            DiskJobs.Outcome { () throws(StorageError) in
                let bytes = UnsafeMutableRawBufferPointer(start: value.memory, count: byteCount)
                guard try file.read(into: bytes, at: offset) == byteCount else { throw .truncated(path: path) }
                return value
            }
        }
    }

    /// What was written before this job is on disk when it is done.
    func syncJob() -> DiskJobs.Job {
        return { [file] in
            DiskJobs.Outcome { () throws(StorageError) in
                try file.sync()
                return DiskJobs.Value()
            }
        }
    }
}
