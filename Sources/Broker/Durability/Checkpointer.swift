import Logging
import SegmentLog

/// Writes checkpoints: what the broker knows at a position of the log, so that a start reads only what is behind it.
///
/// What a checkpoint costs the core is one walk over queues, pages of indexes and segments, without a look at a message:
/// some ten nanoseconds for each page of 256 messages, some hundred for each queue. One is taken when the log has grown
/// by a segment, and never so often that they take more than a hundredth of the time. The rest happens elsewhere.
final class Checkpointer {
    /// Time between two checkpoints, as a multiple of what the last one took of the core's.
    private static let restFactor: UInt64 = 100

    /// Time between two checkpoints that are taken only to let segments go.
    private static let restNanosecondsForSpace: UInt64 = 5_000_000

    private enum Phase {
        case idle
        /// Pages of indexes are being written.
        case writingPages
        /// They are: the content can be settled.
        case readyToSettle
        /// The content is settled, and its pages are being synced.
        case syncingPages(SegmentLog.Checkpoint)
        /// Waits for the log to be on disk up to the content's position.
        case syncingLog(SegmentLog.Checkpoint)
        case writingFile
    }

    private unowned let core: BrokerCore
    private var phase = Phase.idle
    private var lastPosition: LogPosition
    private var lastNanoseconds: UInt64
    private var lastCostNanoseconds: UInt64 = 0
    private(set) var statistics = CheckpointStatistics()

    init(core: BrokerCore, position: LogPosition) {
        self.core = core
        lastPosition = position
        lastNanoseconds = core.nowNanoseconds
    }

    /// Takes the next step, if it is time. At the end of a burst, when everything that happened is in the log.
    func step() {
        switch phase {
        case .idle:
            guard isDue else { return }
            begin()
        case .readyToSettle:
            settle(isClean: false)
        case .syncingLog(let content):
            if core.log.forcedDurable >= content.position {
                write(content)
            } else {
                core.log.forceSync()
            }
        case .writingPages, .syncingPages, .writingFile: return
        }
    }

    private var isDue: Bool {
        let grown = core.log.tail.rawValue - lastPosition.rawValue
        let rested = core.nowNanoseconds - lastNanoseconds
        guard rested >= lastCostNanoseconds * Self.restFactor else { return false }
        if grown >= UInt64(core.configuration.checkpointIntervalBytes) { return true }
        // A segment that settles what the last one holds waits for the next one.
        return grown > 0 && core.log.hasDeadSegments && rested >= Self.restNanosecondsForSpace
    }

    private func begin() {
        phase = .writingPages
        let begin = core.readMonotonicNanoseconds()
        for queue in core.queuesByID.values where queue.isPersistent {
            for line in queue.ready.lines { line.writePages() }
        }
        lastCostNanoseconds = core.readMonotonicNanoseconds() - begin
        core.indexes.whenWritten { [weak self] in
            self?.phase = .readyToSettle
            self?.core.wantsTurn = true
        }
    }

    private func settle(isClean: Bool) {
        let begin = core.readMonotonicNanoseconds()
        let content = SegmentLog.Checkpoint(
            position: core.log.tail, bytes: CheckpointContent.encode(core, isClean: isClean))
        lastPosition = content.position
        lastNanoseconds = core.nowNanoseconds
        lastCostNanoseconds += core.readMonotonicNanoseconds() - begin
        statistics.lastCoreNanoseconds = lastCostNanoseconds
        statistics.longestCoreNanoseconds = max(statistics.longestCoreNanoseconds, lastCostNanoseconds)
        statistics.lastByteCount = content.bytes.count
        phase = .syncingPages(content)
        core.indexes.syncForCheckpoint { [weak self] isSynced in
            guard let self else { return }
            guard isSynced else { return fail("the side file of the indexes can't be synced") }
            phase = .syncingLog(content)
            // At the end of the burst: what the one under way has settled is not in the log yet, and the sync would have
            // messages confirmed that were published behind that.
            core.wantsTurn = true
        }
    }

    private func write(_ content: SegmentLog.Checkpoint) {
        phase = .writingFile
        core.log.writeCheckpoint(content) { [weak self] error in
            guard let self else { return }
            if let error { return fail("\(error)") }
            core.indexes.checkpointDurable()
            statistics.count += 1
            core.logger.debug(
                "checkpoint written",
                metadata: [
                    "bytes": "\(statistics.lastByteCount)",
                    "coreMicroseconds": "\(statistics.lastCoreNanoseconds / 1000)",
                    "liveBytes": "\(core.log.statistics.liveBytes)", "segments": "\(core.log.statistics.segments)",
                ])
            phase = .idle
        }
    }

    /// Without a new checkpoint the old one still holds; the next start only takes longer.
    private func fail(_ reason: String) {
        core.logger.warning("no checkpoint could be written", metadata: ["error": "\(reason)"])
        statistics.failures += 1
        phase = .idle
    }

    /// Writes a last checkpoint, while the caller waits. Nothing may be appended meanwhile or afterwards.
    func finish() {
        while !isIdle {
            core.waitForDisk()
            step()
        }
        begin()
        core.waitForDisk()
        guard case .readyToSettle = phase else { return }
        settle(isClean: true)
        // One step each for the pages, the log and the file.
        for _ in 0..<4 {
            core.waitForDisk()
            step()
        }
        core.waitForDisk()
    }

    private var isIdle: Bool {
        if case .idle = phase { return true }
        return false
    }
}
