/// What checkpoints cost.
public struct CheckpointStatistics: Sendable {
    public internal(set) var count = 0
    public internal(set) var failures = 0
    /// Time of the core's that the last one took, and the longest, in nanoseconds.
    public internal(set) var lastCoreNanoseconds: UInt64 = 0
    public internal(set) var longestCoreNanoseconds: UInt64 = 0
    public internal(set) var lastByteCount = 0
}
