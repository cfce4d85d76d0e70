import SegmentLog

/// A page cache that holds hardly anything, and an index store over it, on a disk in memory.
struct IndexFixture {
    static let pagePath = TestLog.directory + "/" + IndexStore.fileName
    /// What 256 entries take.
    static let slotByteCount = 4096

    let disk: FaultyDisk
    let cache: PageCache
    let store: IndexStore

    init(disk: FaultyDisk = FaultyDisk(), pagesInMemory: Int = 2, keepsContent: Bool = false) throws {
        self.disk = disk
        cache = TestLog.makeCache(byteCountMax: pagesInMemory * Self.slotByteCount)
        store = try IndexStore(
            directory: TestLog.directory, cache: cache, disk: disk, keepsContent: keepsContent)
    }

    /// Has pages leave memory until the cache is within its budget.
    func evict() {
        for _ in 0..<4 {
            cache.trim(tail: .zero)
            cache.jobs.drain()
        }
    }

    /// Writes the pages of these indexes, and returns what a checkpoint holds of them.
    func checkpoint(_ indexes: [PagedIndex]) -> [UInt8] {
        for index in indexes { index.writePages() }
        cache.jobs.drain()
        return settleCheckpoint(indexes)
    }

    /// What a checkpoint holds now, of pages that need not have been written. Its pages are synced.
    func settleCheckpoint(_ indexes: [PagedIndex]) -> [UInt8] {
        store.reapForCheckpoint()
        var encoder = CheckpointEncoder()
        encoder.append(UInt64(indexes.count))
        for index in indexes { index.encode(into: &encoder) }
        store.encodeReaped(into: &encoder)
        var isSynced = false
        store.syncForCheckpoint { isSynced = $0 }
        cache.jobs.drain()
        precondition(isSynced)
        return encoder.bytes
    }

    /// The indexes of a checkpoint, in a store of their own on that disk.
    static func restore(
        _ bytes: [UInt8], disk: FaultyDisk, pagesInMemory: Int = 2
    ) throws -> (fixture: IndexFixture, indexes: [PagedIndex]) {
        let fixture = try IndexFixture(disk: disk, pagesInMemory: pagesInMemory, keepsContent: true)
        var decoder = CheckpointDecoder(bytes)
        var slots: Set<Int32> = []
        var indexes: [PagedIndex] = []
        for _ in 0..<(try decoder.readCount(of: 24)) {
            indexes.append(try PagedIndex(store: fixture.store, from: &decoder, slots: &slots))
        }
        try fixture.store.decodeReaped(from: &decoder, slots: &slots)
        guard decoder.isAtEnd else { throw CheckpointDecoder.Malformed() }
        fixture.store.restoreSlots(slots)
        return (fixture, indexes)
    }
}

extension IndexEntry {
    /// An entry that no other number or index has.
    static func test(_ number: Int, _ salt: Int = 0) -> IndexEntry {
        IndexEntry(first: UInt64(number) << 16 | UInt64(salt), second: ~UInt64(number &* 31 &+ salt))
    }
}
