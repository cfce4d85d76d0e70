import Logging
import SegmentLog

/// Opens what a broker keeps in its data directory: the log, the indexes' side file, the page cache over both. Reads the
/// checkpoint and what came behind it, or the whole log if there is none to rely on.
struct DataDirectory {
    let log: SegmentLog
    let cache: PageCache
    let recovery: Recovery

    /// - Throws: what the operating system refused, or `.locked`, or a format that is too new.
    static func open(
        _ configuration: BrokerConfiguration, disk: any Disk, logger: Logger, notify: @escaping @Sendable () -> Void
    ) throws(StorageError) -> DataDirectory {
        if let opened = try open(configuration, withCheckpoint: true, disk, logger, notify) { return opened }
        logger.warning("the checkpoint makes no sense: the whole log is read")
        guard let opened = try open(configuration, withCheckpoint: false, disk, logger, notify) else {
            preconditionFailure("only a checkpoint can make no sense")
        }
        return opened
    }

    /// - Returns: nil if the checkpoint contradicts itself.
    private static func open(
        _ configuration: BrokerConfiguration, withCheckpoint: Bool, _ disk: any Disk, _ logger: Logger,
        _ notify: @escaping @Sendable () -> Void
    ) throws(StorageError) -> DataDirectory? {
        var logConfiguration = SegmentLog.Configuration()
        logConfiguration.sync = configuration.sync
        logConfiguration.segmentByteCount = configuration.segmentBytes
        logConfiguration.pageByteCount = configuration.logPageBytes
        logConfiguration.writer = configuration.diskPlacement
        let jobs = DiskJobs(placement: configuration.diskPlacement, notify: notify)
        let cache = PageCache(byteCountMax: configuration.pageCacheBytes, jobs: jobs)
        let directory = configuration.dataDirectory
        let log = try SegmentLog.open(
            directory: directory, configuration: logConfiguration, cache: cache, disk: disk, notify: notify)
        let checkpoint = withCheckpoint ? try log.readCheckpoint() : nil
        if checkpoint == nil { try log.deleteCheckpoint() }
        let store = try IndexStore(
            directory: directory, cache: cache, disk: disk, keepsContent: checkpoint != nil)
        let recovery = Recovery(log: log, store: store, cache: cache, logger: logger)
        if let checkpoint {
            guard (try? CheckpointContent.decode(checkpoint.bytes, into: recovery, log: log)) != nil,
                try store.reachesItsSlots()
            else { return nil }
        } else {
            log.prepareSegments()
        }
        try log.replay(from: checkpoint?.position) { recovery.replay($0) }
        jobs.drain()
        return DataDirectory(log: log, cache: cache, recovery: recovery)
    }
}
