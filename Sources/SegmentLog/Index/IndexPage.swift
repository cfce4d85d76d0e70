/// What is known of 256 entries in a row of an index, wherever they are themselves. Lies at an address of its own, which
/// names it in the page cache.
struct IndexPage: BitwiseCopyable {
    static let entryCount = 256
    static let byteCount = entryCount * MemoryLayout<IndexEntry>.stride
    /// Words of 64 bits in each of the three sets that `bits` holds.
    static let wordCount = entryCount / 64

    /// The entries, nil if they are not in memory.
    var entries: UnsafeMutablePointer<IndexEntry>?
    /// Three sets, one behind the other: entries that are alive, those of them that are handed out, and those of them
    /// that are transient. Nil for a page whose entries are all alive, ready and durable, as in the middle of a backlog.
    var bits: UnsafeMutablePointer<UInt64>?
    var checksum: UInt32 = 0
    /// Where the entries are in the side file, -1 if they are not, or are not as they are in memory.
    var slot: Int32 = -1
    /// The frame in the page cache, -1 if it is not in it: the last page of an index never is.
    var frame: Int32 = -1
    /// How many entries there is room for in memory: the last page of an index starts small.
    var capacity: UInt16 = 0
    var liveCount: UInt16 = 0
    var readyCount: UInt16 = 0
    var transientCount: UInt16 = 0
    /// A job reads into or writes from its memory.
    var isBusy = false
    /// Was dropped while busy: it goes when the job is done.
    var isAbandoned = false
    /// The entries can't be read back, or not be written.
    var hasFailed = false

    static var empty: IndexPage { IndexPage(entries: nil) }

    @inline(__always)
    private func word(_ set: Int, _ index: Int) -> UInt64 {
        guard let bits else { return set == 0 ? .max : 0 }
        return bits[set * Self.wordCount + index]
    }

    @inline(__always)
    private func contains(_ set: Int, _ offset: Int) -> Bool {
        word(set, offset >> 6) & (1 << UInt64(offset & 63)) != 0
    }

    @inline(__always) func isLive(_ offset: Int) -> Bool { contains(0, offset) }
    @inline(__always) func isOut(_ offset: Int) -> Bool { contains(1, offset) }
    @inline(__always) func isTransient(_ offset: Int) -> Bool { contains(2, offset) }

    /// Those of 64 entries that are alive and durable, and not handed out if that is asked for.
    func durableWord(_ index: Int, readyOnly: Bool) -> UInt64 {
        let durable = word(0, index) & ~word(2, index)
        return readyOnly ? durable & ~word(1, index) : durable
    }

    /// Those of 64 entries that are alive and not handed out.
    @inline(__always)
    func readyWord(_ index: Int) -> UInt64 { word(0, index) & ~word(1, index) }

    /// The first offset from `start` on that is alive and not handed out.
    @inline(__always)
    func firstReady(from start: Int) -> Int? {
        var index = start >> 6
        var mask = UInt64.max << UInt64(start & 63)
        while index < Self.wordCount {
            let ready = word(0, index) & ~word(1, index) & mask
            if ready != 0 { return index << 6 | ready.trailingZeroBitCount }
            index += 1
            mask = .max
        }
        return nil
    }
}
