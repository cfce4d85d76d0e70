/// Entries of an index that are ready and stand one behind the other, in memory: what a consumer can be given in one go.
///
/// Valid until the index changes.
public struct IndexRow {
    /// The number of the first entry.
    public let first: Int
    /// At most 64.
    public let count: Int
    let entries: UnsafePointer<IndexEntry>

    init(first: Int, count: Int, entries: UnsafePointer<IndexEntry>) {
        self.first = first
        self.count = count
        self.entries = entries
    }

    /// - Precondition: `offset` is below `count`.
    @inline(__always)
    public func entry(_ offset: Int) -> IndexEntry { entries[offset] }
}
