import SegmentLog

/// How the storage does: for metrics and for people.
public struct StorageStatistics: Sendable {
    public let log: LogStatistics
    public let cache: PageCacheStatistics
    public let checkpoints: CheckpointStatistics
}
