import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes rounds to segment files and syncs them, one round at a time, off the owner's thread. What is handed over meanwhile
/// becomes the next round, and follows without the owner's having to ask again.
///
/// Unchecked: `state` is a mutex. All that is mutable beside it belongs to the writing side: the blocks on the serial
/// `queue`, or, without a queue, the owner's own calls. `deletionQueue` touches none of it.
final class LogWriter: @unchecked Sendable {
    private struct State {
        /// What comes next, nil if there is nothing.
        var waiting: WriteRound?
        /// The writing side has a round, or is about to look for one.
        var isRunning = false
        var outcome = WriteOutcome()
        var syncCount = 0
        /// The storage of an earlier round's list.
        var spareWrites: [WriteRound.Write] = []

        /// There was no space on the disk for a round; what waits behind it becomes part of it.
        mutating func stall(_ round: inout WriteRound) {
            if let next = waiting.take() { round.append(next) }
            outcome.partCount += round.partCount
            outcome.stalled = round
            // They don't wait for it: they may be what makes room.
            outcome.stalled?.deletions = []
            outcome.stalled?.removesCheckpoint = false
        }

        mutating func end(_ round: inout WriteRound, isDurable: Bool) {
            outcome.partCount += round.partCount
            outcome.roundCount += 1
            outcome.writtenEnd = round.end
            if isDurable { outcome.durableEnd = round.end }
            if round.isForced { outcome.forcedEnd = round.end }
            swap(&round.writes, &spareWrites)
            spareWrites.removeAll(keepingCapacity: true)
        }
    }

    private struct OpenSegment {
        let base: UInt64
        let file: any DiskFile
    }

    private let directory: String
    private let geometry: LogGeometry
    private let disk: any Disk
    private let files: SegmentFiles
    private let policy: SyncPolicy
    private let notify: @Sendable () -> Void
    private let failure: @Sendable (StorageError) -> Void
    private let queue: DispatchQueue?
    /// Deletes files, which takes tens of milliseconds: no round should wait for that.
    private let deletionQueue = DispatchQueue(label: "harrier.segment-log.deletion")
    private let state = Mutex(State())

    /// Without a queue, the round that is under way.
    private var roundInHand: WriteRound?

    // The writing side's.
    private var current: OpenSegment?
    private var isDirty = false
    /// Earlier segments with writes that were not synced, as a policy without syncs leaves them.
    private var unsyncedBases: [UInt64] = []
    private var hasFailed = false
    private var isSyncScheduled = false
    /// A segment's file is being made, or could not be.
    private var isMakingSegment = false

    init(
        directory: String, geometry: LogGeometry, disk: any Disk, configuration: SegmentLog.Configuration,
        notify: @escaping @Sendable () -> Void
    ) {
        self.directory = directory
        self.geometry = geometry
        self.disk = disk
        self.files = SegmentFiles(directory: directory, geometry: geometry, disk: disk)
        self.policy = configuration.sync
        self.notify = notify
        self.failure = configuration.failure
        self.queue = configuration.writer == .ownThread ? DispatchQueue(label: "harrier.segment-log.writer") : nil
    }

    // MARK: The owner's side

    var isThreaded: Bool { queue != nil }

    var syncCount: Int { state.withLock { $0.syncCount } }

    /// The segment that the log goes on in. Before the first round.
    func setTail(base: UInt64, file: any DiskFile) {
        current = OpenSegment(base: base, file: file)
    }

    /// Hands something over: `fill` adds it to the round that is next. While a round waits for space on the disk, what is
    /// handed over waits with it.
    func start(_ fill: (inout WriteRound) -> Void) {
        let isIdle = state.withLock { state in
            var round = state.waiting.take() ?? WriteRound()
            if round.writes.isEmpty { swap(&round.writes, &state.spareWrites) }
            fill(&round)
            round.partCount += 1
            guard state.outcome.stalled == nil else {
                state.outcome.partCount += round.partCount
                state.outcome.stalled?.append(round)
                return false
            }
            state.waiting = round
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isIdle else { return }
        guard let queue else {
            roundInHand = takeRound()
            return notify()
        }
        queue.async { [self] in runAll() }
    }

    /// What has become of what was handed over, if there is anything new.
    func takeOutcome() -> WriteOutcome? {
        state.withLock { state in
            guard state.outcome.partCount > 0 else { return nil }
            defer { state.outcome = WriteOutcome() }
            return state.outcome
        }
    }

    /// Without a queue, does the round that is begun, here and now; what was handed over since is begun.
    func work() {
        guard var round = roundInHand.take() else { return }
        run(&round)
        tidy(after: round)
        roundInHand = takeRound()
        if roundInHand != nil { notify() }
    }

    /// Returns when the writer has nothing to do. Without a queue that says nothing: `work` does it.
    func waitUntilIdle() {
        queue?.sync {}
        deletionQueue.sync {}
    }

    /// Syncs what is not and closes the files. Nothing may be started afterwards.
    func finish() {
        deletionQueue.sync {}
        onWritingSide {
            if !hasFailed {
                do throws(StorageError) { try syncAll() } catch { fail(error) }
            }
            current = nil
        }
    }

    private func onWritingSide(_ body: () -> Void) {
        if let queue { queue.sync(execute: body) } else { body() }
    }

    // MARK: The writing side

    private func runAll() {
        while var round = takeRound() {
            run(&round)
            if round.isAwaited || isMakingSegment || hasFailed { notify() }
            tidy(after: round)
        }
    }

    private func takeRound() -> WriteRound? {
        state.withLock { state in
            let round = state.waiting.take()
            state.isRunning = round != nil
            return round
        }
    }

    private func run(_ round: inout WriteRound) {
        isMakingSegment = false
        var isDurable = false
        var isStalled = false
        if !hasFailed {
            do throws(StorageError) {
                isDurable = try perform(round)
            } catch {
                // A file that there is no space for can be made later; a write into one that was reserved can't fail so.
                isStalled = error.isDiskFull && isMakingSegment
                if !isStalled { fail(error) }
            }
        }
        let hasFailed = hasFailed
        state.withLock { state in
            if isStalled {
                state.stall(&round)
            } else if hasFailed {
                state.outcome.hasFailed = true
                state.outcome.partCount += round.partCount
            } else {
                state.end(&round, isDurable: isDurable)
            }
        }
    }

    /// What nobody waits for: the round's outcome is out.
    private func tidy(after round: WriteRound) {
        guard !hasFailed else { return }
        do throws(StorageError) {
            if round.removesCheckpoint { try CheckpointFile.remove(directory: directory, disk: disk) }
            try delete(round.deletions)
        } catch {
            fail(error)
        }
        if !isMakingSegment { makeNextSegment(writtenEnd: round.end) }
    }

    private func fail(_ error: StorageError) {
        hasFailed = true
        failure(error)
    }

    /// Returns whether everything up to the round's end now counts as durable.
    private func perform(_ round: WriteRound) throws(StorageError) -> Bool {
        for write in round.writes {
            let segment = try segment(base: geometry.segmentBase(of: write.position))
            isDirty = true
            try segment.file.write(write.bytes, at: Int(write.position - segment.base))
        }
        if round.isForced {
            try syncAll()
            return true
        }
        switch policy {
        case .sync:
            if round.syncWanted, isDirty { try syncCurrent() }
            return round.syncWanted
        case .interval(let milliseconds):
            if queue == nil, isDirty { try syncCurrent() } else { scheduleSync(milliseconds: milliseconds) }
            return true
        case .none:
            return true
        }
    }

    /// The open file of the segment at `base`: the current one, or the one that follows it.
    private func segment(base: UInt64) throws(StorageError) -> OpenSegment {
        if let current {
            if current.base == base { return current }
            // Before anything is written to the next segment: so that a crash tears the log in one place only, at
            // its end, and any other damage is known to be damage.
            if isDirty {
                if policy == .none { unsyncedBases.append(current.base) } else { try syncCurrent() }
            }
        }
        if let current, queue != nil {
            deletionQueue.async { [files] in files.leaveMemory(behind: current.base) }
        }
        isMakingSegment = true
        let next = OpenSegment(base: base, file: try files.file(base: base))
        isMakingSegment = false
        current = next
        isDirty = false
        return next
    }

    private func makeNextSegment(writtenEnd: UInt64) {
        guard let current, !hasFailed, writtenEnd > current.base else { return }
        files.makeAhead(
            base: current.base + geometry.segmentByteCount, filledByteCount: writtenEnd - current.base)
    }

    /// In this order, and behind those of earlier rounds.
    private func delete(_ bases: [UInt64]) throws(StorageError) {
        guard !bases.isEmpty else { return }
        guard let queue else {
            for base in bases { try files.delete(base: base) }
            return
        }
        deletionQueue.async { [self] in
            do throws(StorageError) {
                for base in bases { try files.delete(base: base) }
            } catch {
                queue.async { [self] in fail(error) }
            }
        }
    }

    private func syncCurrent() throws(StorageError) {
        try current?.file.sync()
        isDirty = false
        state.withLock { $0.syncCount += 1 }
    }

    private func syncAll() throws(StorageError) {
        for base in unsyncedBases {
            do throws(StorageError) {
                try disk.openFile(at: files.path(base: base), create: false).sync()
                state.withLock { $0.syncCount += 1 }
            } catch {
                // Nothing in it was needed any more.
                guard case .system(_, _, ENOENT) = error else { throw error }
            }
        }
        unsyncedBases = []
        if isDirty { try syncCurrent() }
    }

    private func scheduleSync(milliseconds: Int) {
        guard isDirty, !isSyncScheduled, let queue else { return }
        isSyncScheduled = true
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [self] in
            isSyncScheduled = false
            guard isDirty, !hasFailed else { return }
            do throws(StorageError) { try syncCurrent() } catch { fail(error) }
        }
    }
}
