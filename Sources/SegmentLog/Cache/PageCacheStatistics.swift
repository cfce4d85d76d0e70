/// How the page cache does: counts since the start, and sizes as they are now.
public struct PageCacheStatistics: Equatable, Sendable {
    public let byteCountMax: Int
    public let residentBytes: Int
    /// Uses of a page that was in memory; uses of one page in a row count once.
    public let hits: Int
    /// Pages that had to be read.
    public let misses: Int
    /// Of those, pages that had been in memory not long ago.
    public let ghostHits: Int
    public let evictions: Int
}
