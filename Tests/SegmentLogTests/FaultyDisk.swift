import SeededRandom
import SegmentLog
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A disk in memory that behaves as badly as a real one may: what was not synced is kept or lost sector by sector in a
/// crash, directory changes that were not synced are undone, writes run out of space half way, syncs fail.
final class FaultyDisk: Disk {
    struct Faults {
        var failsSync = false
        /// Bytes that can still be written before the disk is full.
        var freeBytes: Int?
        /// A file can't be made longer: there is no space left for it.
        var refusesReservations = false
        /// A file can't be made to read as zeros.
        var refusesZeros = false
        /// How many more changes there are before the power goes.
        var changesUntilCrash: Int?
        /// Called at every sync of a file, before it.
        var onSync: (@Sendable () -> Void)?
    }

    private struct File {
        var durable: [UInt8] = []
        var current: [UInt8] = []
        var dirtySectors: Set<Int> = []
    }

    private enum DirectoryChange {
        case link(String, Int)
        case unlink(String)
        case rename(String, String)
    }

    private struct State {
        var files: [Int: File] = [:]
        var names: [String: Int] = [:]
        var durableNames: [String: Int] = [:]
        var unsyncedChanges: [DirectoryChange] = []
        var locks: Set<String> = []
        var faults = Faults()
        var hasCrashed = false
        /// One line for each call that changes something, in order.
        var journal: [String] = []
    }

    /// What the disk writes as a whole or not at all.
    private let sectorByteCount: Int
    private let state: Mutex<State>

    /// A disk that holds `files`, safely.
    init(files: [String: [UInt8]] = [:], sectorByteCount: Int = 64) {
        self.sectorByteCount = sectorByteCount
        var initial = State()
        for (number, (path, bytes)) in files.enumerated() {
            initial.files[number] = File(durable: bytes, current: bytes)
            initial.names[path] = number
        }
        initial.durableNames = initial.names
        state = Mutex(initial)
    }

    /// The files as a reader sees them now.
    var files: [String: [UInt8]] {
        state.withLock { state in state.names.mapValues { state.files[$0]?.current ?? [] } }
    }

    /// What was done so far, a line for each change.
    var journal: [String] { state.withLock { $0.journal } }

    /// Whether the power has gone, so that nothing is done any more.
    var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

    func setFaults(_ faults: Faults) {
        state.withLock { $0.faults = faults }
    }

    /// The power goes: this disk refuses everything from now on, and what is left of it is returned.
    func crash(using generator: inout SeededGenerator) -> FaultyDisk {
        let (old, sectorByteCount) = state.withLock { state in
            state.hasCrashed = true
            return (state, self.sectorByteCount)
        }
        var names = old.durableNames
        for change in old.unsyncedChanges.prefix(Int.random(in: 0...old.unsyncedChanges.count, using: &generator)) {
            switch change {
            case .link(let name, let file): names[name] = file
            case .unlink(let name): names[name] = nil
            case .rename(let name, let newName): names[newName] = names.removeValue(forKey: name)
            }
        }
        var files: [String: [UInt8]] = [:]
        for (name, number) in names.sorted(by: { $0.key < $1.key }) {
            guard let file = old.files[number] else { continue }
            var bytes = file.durable
            if Bool.random(using: &generator), bytes.count != file.current.count {
                let missing = file.current.count - bytes.count
                bytes = missing > 0 ? bytes + [UInt8](repeating: 0, count: missing) : Array(bytes.dropLast(-missing))
            }
            let odds = Double.random(in: 0...1, using: &generator)
            for sector in file.dirtySectors.sorted() where Double.random(in: 0..<1, using: &generator) < odds {
                let range = sector * sectorByteCount..<min((sector + 1) * sectorByteCount, file.current.count)
                guard !range.isEmpty else { continue }
                if bytes.count < range.upperBound {
                    bytes += [UInt8](repeating: 0, count: range.upperBound - bytes.count)
                }
                bytes.replaceSubrange(range, with: file.current[range])
            }
            files[name] = bytes
        }
        return FaultyDisk(files: files, sectorByteCount: sectorByteCount)
    }

    /// What the operating system does when a process ends.
    func releaseLocks() {
        state.withLock { $0.locks = [] }
    }

    // MARK: Disk

    func createDirectory(at path: String) throws(StorageError) {}

    func lock(at path: String) throws(StorageError) -> any DiskLock {
        let isFree = state.withLock { $0.locks.insert(path).inserted }
        guard isFree else { throw .locked(path: path, holder: nil) }
        return FaultyLock { [self] in state.withLock { _ = $0.locks.remove(path) } }
    }

    func fileNames(in directory: String) throws(StorageError) -> [String] {
        state.withLock { $0.names.keys.map { String($0.dropFirst(directory.utf8.count + 1)) } }
    }

    func openFile(at path: String, create: Bool) throws(StorageError) -> any DiskFile {
        let number: Int? = try change(create ? "create \(path)" : nil, path) { state in
            if let number = state.names[path] {
                if create { state.files[number] = File() }
                return number
            }
            guard create else { return nil }
            let number = state.files.count
            state.files[number] = File()
            state.names[path] = number
            state.unsyncedChanges.append(.link(path, number))
            return number
        }
        guard let number else { throw .system(operation: "open", path: path, errno: ENOENT) }
        return FaultyFile(disk: self, number: number, path: path)
    }

    func deleteFile(at path: String) throws(StorageError) {
        let wasThere = try change("delete \(path)", path) { state in
            state.unsyncedChanges.append(.unlink(path))
            return state.names.removeValue(forKey: path) != nil
        }
        guard wasThere else { throw .system(operation: "unlink", path: path, errno: ENOENT) }
    }

    func renameFile(at path: String, to newPath: String) throws(StorageError) {
        let wasThere = try change("rename \(path) \(newPath)", path) { state in
            guard let number = state.names.removeValue(forKey: path) else { return false }
            state.names[newPath] = number
            state.unsyncedChanges.append(.rename(path, newPath))
            return true
        }
        guard wasThere else { throw .system(operation: "rename", path: path, errno: ENOENT) }
    }

    func syncDirectory(at path: String) throws(StorageError) {
        try change("sync \(path)", path) { state in
            state.durableNames = state.names
            state.unsyncedChanges = []
        }
    }

    func freeByteCount(at path: String) throws(StorageError) -> Int {
        state.withLock { $0.faults.freeBytes } ?? 1 << 40
    }

    // MARK: Files

    fileprivate func byteCount(_ number: Int) -> Int {
        state.withLock { $0.files[number]?.current.count ?? 0 }
    }

    fileprivate func read(_ number: Int, into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        state.withLock { state in
            let content = state.files[number]?.current.dropFirst(offset).prefix(bytes.count) ?? []
            bytes.copyBytes(from: content)
            return content.count
        }
    }

    fileprivate func write(
        _ number: Int, _ bytes: [UInt8], at offset: Int, path: String
    ) throws(StorageError) {
        let isWhole: Bool = try change("write \(path) \(offset)..<\(offset + bytes.count)", path) { state in
            let count = min(bytes.count, state.faults.freeBytes ?? bytes.count)
            if let free = state.faults.freeBytes { state.faults.freeBytes = free - count }
            guard var file = state.files.removeValue(forKey: number) else { return false }
            if file.current.count < offset + count {
                file.current += [UInt8](repeating: 0, count: offset + count - file.current.count)
            }
            for index in 0..<count {
                file.current[offset + index] = bytes[index]
                file.dirtySectors.insert((offset + index) / sectorByteCount)
            }
            state.files[number] = file
            return count == bytes.count
        }
        guard isWhole else { throw .system(operation: "pwrite", path: path, errno: ENOSPC) }
    }

    fileprivate func setByteCount(_ number: Int, _ byteCount: Int, path: String) throws(StorageError) {
        try change("length \(path) \(byteCount)", path) { state in
            guard var file = state.files.removeValue(forKey: number) else { return }
            let missing = byteCount - file.current.count
            if missing > 0 {
                file.current += [UInt8](repeating: 0, count: missing)
            } else {
                // Sectors behind the cut read as zeros from now on, whatever the disk still holds of them.
                for index in byteCount..<file.current.count { file.dirtySectors.insert(index / sectorByteCount) }
                file.current.removeLast(-missing)
            }
            state.files[number] = file
        }
    }

    fileprivate func reserve(_ number: Int, _ byteCount: Int, path: String) throws(StorageError) {
        guard self.byteCount(number) < byteCount else { return }
        guard !state.withLock({ $0.faults.refusesReservations }) else {
            throw .system(operation: "posix_fallocate", path: path, errno: ENOSPC)
        }
        try setByteCount(number, byteCount, path: path)
    }

    fileprivate func zero(_ number: Int, _ byteCount: Int, path: String) throws(StorageError) {
        guard !state.withLock({ $0.faults.refusesZeros }) else {
            throw .system(operation: "fallocate", path: path, errno: EOPNOTSUPP)
        }
        try change("zero \(path) \(byteCount)", path) { state in
            guard var file = state.files.removeValue(forKey: number) else { return }
            file.current = [UInt8](repeating: 0, count: byteCount) + file.current.dropFirst(byteCount)
            for offset in stride(from: 0, to: byteCount, by: sectorByteCount) {
                file.dirtySectors.insert(offset / sectorByteCount)
            }
            state.files[number] = file
        }
    }

    fileprivate func sync(_ number: Int, path: String) throws(StorageError) {
        state.withLock { $0.faults.onSync }?()
        let isDone: Bool = try change("sync \(path)", path) { state in
            guard !state.faults.failsSync, let current = state.files[number]?.current else { return false }
            state.files[number] = File(durable: current, current: current)
            return true
        }
        guard isDone else { throw .system(operation: "fdatasync", path: path, errno: EIO) }
    }

    private func change<Value>(
        _ entry: String?, _ path: String, _ body: (inout State) -> sending Value
    ) throws(StorageError) -> Value {
        let value: Value? = state.withLock { state in
            if entry != nil, let left = state.faults.changesUntilCrash {
                state.faults.changesUntilCrash = left - 1
                if left <= 0 { state.hasCrashed = true }
            }
            guard !state.hasCrashed else { return nil }
            if let entry { state.journal.append(entry) }
            return body(&state)
        }
        guard let value else { throw .system(operation: "crashed", path: path, errno: EIO) }
        return value
    }
}

/// A file of a `FaultyDisk`.
private final class FaultyFile: DiskFile {
    private let disk: FaultyDisk
    private let number: Int
    private let path: String

    init(disk: FaultyDisk, number: Int, path: String) {
        self.disk = disk
        self.number = number
        self.path = path
    }

    func byteCount() throws(StorageError) -> Int { disk.byteCount(number) }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
        disk.read(number, into: bytes, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
        try disk.write(number, Array(bytes), at: offset, path: path)
    }

    func preallocate(byteCount: Int) throws(StorageError) {
        try disk.reserve(number, byteCount, path: path)
    }

    func zero(byteCount: Int) throws(StorageError) {
        try disk.zero(number, byteCount, path: path)
    }

    func leaveMemory() {}

    func truncate(to byteCount: Int) throws(StorageError) {
        try disk.setByteCount(number, byteCount, path: path)
    }

    func sync() throws(StorageError) { try disk.sync(number, path: path) }
}

/// A lock on a `FaultyDisk`.
private final class FaultyLock: DiskLock {
    private let give: @Sendable () -> Void

    init(give: @escaping @Sendable () -> Void) {
        self.give = give
    }

    func release() { give() }
}
