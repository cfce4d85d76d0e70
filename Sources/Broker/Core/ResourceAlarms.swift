import Logging
import SegmentLog

/// Whether there is room for more messages, in memory and on disk. Where there is not, publishers are blocked until there
/// is again; whoever only consumes goes on, since that is what makes room.
struct ResourceAlarms {
    /// How often the file system is asked for its free space, in nanoseconds.
    private static let diskIntervalNanoseconds: UInt64 = 500_000_000

    private(set) var isMemoryLow = false
    private(set) var isDiskLow = false
    private var nextDiskCheckNanoseconds: UInt64 = 0
    private var lastFreeBytes = Int.max

    /// RabbitMQ's words.
    private var reason: String? {
        switch (isDiskLow, isMemoryLow) {
        case (false, false): nil
        case (true, false): "low on disk"
        case (false, true): "low on memory"
        case (true, true): "low on disk & memory"
        }
    }

    /// Looks again. Cheap: called with every burst.
    mutating func check(_ core: BrokerCore, at nowNanoseconds: UInt64) {
        let wasRaised = (isDiskLow, isMemoryLow)
        checkMemory(core)
        if nowNanoseconds >= nextDiskCheckNanoseconds {
            nextDiskCheckNanoseconds = nowNanoseconds + Self.diskIntervalNanoseconds
            checkDisk(core)
            // While nothing happens, nobody asks; space that comes back must be noticed all the same.
            if isDiskLow { core.wakeUp(atNanoseconds: nextDiskCheckNanoseconds) }
        }
        if wasRaised != (isDiskLow, isMemoryLow) { core.setResourceAlarm(reason) }
    }

    /// Lowered with some room, so that it does not flutter.
    private mutating func checkMemory(_ core: BrokerCore) {
        let bytes = core.messages.residentByteCount
        let limit = core.configuration.messageMemoryBytesMax
        if !isMemoryLow, bytes > limit {
            isMemoryLow = true
            core.logger.warning(
                "messages take more memory than they may: publishers are blocked",
                metadata: ["bytes": "\(bytes)", "limit": "\(limit)"])
        } else if isMemoryLow, bytes < limit - limit / 8 {
            isMemoryLow = false
            core.logger.warning("memory is below its limit again: publishers go on")
        }
    }

    private mutating func checkDisk(_ core: BrokerCore) {
        let isStalled = core.log.isDiskFull
        if isStalled { core.log.retryStalledRound() }
        let free = core.freeDiskBytes ?? lastFreeBytes
        lastFreeBytes = free
        let limit = core.configuration.diskFreeBytesMin
        if !isDiskLow, free < limit || isStalled {
            isDiskLow = true
            core.logger.warning(
                "the disk has less free space than it should: publishers are blocked",
                metadata: ["bytes": "\(free)", "limit": "\(limit)"])
        } else if isDiskLow, !isStalled, free > limit + limit / 8 {
            isDiskLow = false
            core.logger.warning("there is room on the disk again: publishers go on")
        }
    }
}
