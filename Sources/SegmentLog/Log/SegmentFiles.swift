import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Makes the log's files, and takes them away.
///
/// A file that goes becomes the next one, if none has been made yet: its blocks keep their places and read as zeros again.
/// Giving the blocks of a large file back holds up every sync of the file system for tens of milliseconds, and a log in
/// steady state needs a new file for each that goes.
///
/// Files are made on the writing side only; any one thread at a time may delete meanwhile.
final class SegmentFiles: Sendable {
    /// The file that was a segment's and will be another's. A start deletes it.
    static let spareName = "spare"

    private enum Spare {
        case none
        case inTheMaking
        case ready
        /// It is becoming a segment's; another one would take its name.
        case taken
    }

    private struct State {
        var spare = Spare.none
        /// The next segment's file, made before it is needed.
        var madeAhead: (base: UInt64, file: any DiskFile)?
        /// The file system can't make a file read as zeros.
        var canRecycle = true
    }

    private let directory: String
    private let geometry: LogGeometry
    private let disk: any Disk
    private let state = Mutex(State())

    init(directory: String, geometry: LogGeometry, disk: any Disk) {
        self.directory = directory
        self.geometry = geometry
        self.disk = disk
    }

    func path(base: UInt64) -> String { "\(directory)/\(geometry.segmentFileName(base: base))" }
    private var sparePath: String { "\(directory)/\(Self.spareName)" }

    // MARK: Making

    /// The file of the segment at `base`, empty and with its space reserved, which a power failure does not undo.
    ///
    /// - Throws: `StorageError`, of which one with `isDiskFull` leaves nothing behind: the call may be repeated.
    func file(base: UInt64) throws(StorageError) -> any DiskFile {
        let madeAhead = state.withLock { $0.madeAhead.take() }
        if let madeAhead, madeAhead.base == base { return madeAhead.file }
        return try make(base)
    }

    /// Makes the next file when the current one is half full, if an old one's blocks can be had; when it is nearly full,
    /// without them: until then the disk need not hold more files than it has to.
    ///
    /// - Parameter filledByteCount: how much of the segment before `base` has been written.
    func makeAhead(base: UInt64, filledByteCount: UInt64) {
        let size = geometry.segmentByteCount
        let isTime = state.withLock { state in
            guard state.madeAhead == nil else { return false }
            return switch state.spare {
            case .none: filledByteCount > size / 16 * 15
            case .ready: filledByteCount > size / 2
            case .inTheMaking, .taken: false
            }
        }
        // A failure here has cost nothing yet. If it persists, it comes up again when the file is needed.
        guard isTime, let file = try? make(base) else { return }
        state.withLock { $0.madeAhead = (base, file) }
    }

    private func make(_ base: UInt64) throws(StorageError) -> any DiskFile {
        let path = path(base: base)
        var isRecycled = takeSpare()
        do throws(StorageError) {
            let file = try disk.openFile(at: isRecycled ? sparePath : path, create: !isRecycled)
            if !isRecycled { try file.preallocate(byteCount: Int(geometry.segmentByteCount)) }
            try SegmentHeader.write(to: file, base: base, geometry: geometry)
            try file.sync()
            if isRecycled {
                try disk.renameFile(at: sparePath, to: path)
                state.withLock { $0.spare = .none }
                isRecycled = false
            }
            try disk.syncDirectory(at: directory)
            return file
        } catch {
            // What was reserved before the space ran out is wanted elsewhere, and a start could not make it whole.
            if error.isDiskFull { try? disk.deleteFile(at: isRecycled ? sparePath : path) }
            if isRecycled { state.withLock { $0.spare = .none } }
            throw error
        }
    }

    private func takeSpare() -> Bool {
        state.withLock { state in
            guard case .ready = state.spare else { return false }
            state.spare = .taken
            return true
        }
    }

    // MARK: Old files

    /// What the operating system may keep of the log beside our own page cache: a reader that is not far behind finds it
    /// there, and a backlog does not fill the machine's memory, of which fresh pages cost more than the copying.
    private static let keptInMemoryBytes: UInt64 = 1 << 30

    /// The segment at `base` is full, and on disk.
    func leaveMemory(behind base: UInt64) {
        let kept = max(Self.keptInMemoryBytes, geometry.segmentByteCount)
        guard base >= kept, let file = try? disk.openFile(at: path(base: base - kept), create: false) else { return }
        file.leaveMemory()
    }

    // MARK: Deleting

    /// The segment is gone for good when this returns, whatever has become of its file.
    ///
    /// A segment's records may settle what is in an older one: it must not go before that one has.
    func delete(base: UInt64) throws(StorageError) {
        let isRecycled = state.withLock { state in
            guard state.canRecycle, state.madeAhead == nil, case .none = state.spare else { return false }
            state.spare = .inTheMaking
            return true
        }
        do throws(StorageError) {
            if isRecycled {
                try disk.renameFile(at: path(base: base), to: sparePath)
            } else {
                try disk.deleteFile(at: path(base: base))
            }
        } catch {
            if isRecycled { state.withLock { $0.spare = .none } }
            guard case .system(_, _, ENOENT) = error else { throw error }
            return
        }
        try disk.syncDirectory(at: directory)
        if isRecycled { try emptySpare() }
    }

    private func emptySpare() throws(StorageError) {
        do throws(StorageError) {
            try disk.openFile(at: sparePath, create: false).zero(byteCount: Int(geometry.segmentByteCount))
            state.withLock { $0.spare = .ready }
        } catch {
            try disk.deleteFile(at: sparePath)
            state.withLock { state in
                state.spare = .none
                state.canRecycle = false
            }
        }
    }
}
