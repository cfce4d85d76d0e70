import SegmentLog

extension BrokerCore {
    /// Dead letters that nobody takes, in all queues: more than none is an alarm.
    public var undeliverableCount: Int { undeliverableRetry.letterCount }

    /// How the storage does.
    public var storageStatistics: StorageStatistics {
        StorageStatistics(log: log.statistics, cache: cache.statistics, checkpoints: checkpointer.statistics)
    }
}
