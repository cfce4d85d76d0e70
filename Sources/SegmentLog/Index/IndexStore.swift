import CChecksum

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The pages of all indexes: in memory while the page cache keeps them, in one side file otherwise. Owned by the core.
///
/// The side file can be lost or damaged without harm: it is made again from the log. What a page's slot holds is known
/// to be right by a checksum that is kept beside the slot's number, in memory and in checkpoints.
public final class IndexStore {
    public static let fileName = "index.pages"
    private static let sparePagesMax = 256

    let cache: PageCache
    let file: PageFile
    private var spareMemory: [UnsafeMutablePointer<IndexEntry>] = []
    private var sparePages: [UnsafeMutablePointer<IndexPage>] = []
    private var spareBits: [UnsafeMutablePointer<UInt64>] = []
    /// Pages of what was purged or deleted, whose entries are still to be told to `release`.
    private var reaped: [UnsafeMutablePointer<IndexPage>] = []
    private var reapedDone = 0
    /// What to do with the entries of pages that are reaped. Set once, before the first of them.
    public var release: (IndexEntry) -> Void = { _ in }
    /// Pages whose entries could not be read back.
    public private(set) var readFailures = 0
    /// Pages that could not be written, because the disk is full, say. They stay in memory.
    public private(set) var writeFailures = 0

    /// - Parameter keepsContent: whether pages that a checkpoint knows are in the file. Otherwise no checkpoint may be left:
    ///   it would count on what is gone.
    public init(
        directory: String, cache: PageCache, disk: any Disk, keepsContent: Bool
    ) throws(StorageError) {
        self.cache = cache
        file = try PageFile(
            disk: disk, directory: directory, name: Self.fileName, slotByteCount: IndexPage.byteCount,
            keepsContent: keepsContent)
        cache.register(self, for: .index)
    }

    deinit {
        cache.register(nil, for: .index)
        for memory in spareMemory { memory.deallocate() }
        for page in sparePages { page.deallocate() }
        for bits in spareBits { bits.deallocate() }
    }

    /// What the side file takes on disk.
    public var diskBytes: Int { file.byteCount }

    // MARK: Making and dropping pages

    func makePage() -> UnsafeMutablePointer<IndexPage> {
        let page = sparePages.popLast() ?? .allocate(capacity: 1)
        page.initialize(to: .empty)
        return page
    }

    /// Memory for a whole page of entries.
    func takeMemory() -> UnsafeMutablePointer<IndexEntry> {
        spareMemory.popLast() ?? .allocate(capacity: IndexPage.entryCount)
    }

    /// A page's three sets, all empty but for `live`.
    func takeBits(live: UInt64) -> UnsafeMutablePointer<UInt64> {
        let bits = spareBits.popLast() ?? .allocate(capacity: 3 * IndexPage.wordCount)
        for index in 0..<IndexPage.wordCount { bits[index] = live }
        for index in IndexPage.wordCount..<3 * IndexPage.wordCount { bits[index] = 0 }
        return bits
    }

    func giveBackBits(of page: UnsafeMutablePointer<IndexPage>) {
        guard let bits = page.pointee.bits else { return }
        page.pointee.bits = nil
        if spareBits.count < Self.sparePagesMax { spareBits.append(bits) } else { bits.deallocate() }
    }

    func giveBackMemory(of page: UnsafeMutablePointer<IndexPage>) {
        guard let entries = page.pointee.entries else { return }
        page.pointee.entries = nil
        page.pointee.frame = -1
        if page.pointee.capacity == IndexPage.entryCount, spareMemory.count < Self.sparePagesMax {
            spareMemory.append(entries)
        } else {
            entries.deallocate()
        }
    }

    /// The page's last entry has gone.
    func drop(_ page: UnsafeMutablePointer<IndexPage>) {
        if page.pointee.frame >= 0 {
            cache.remove(page.pointee.frame)
            page.pointee.frame = -1
        } else if page.pointee.slot >= 0 {
            cache.forget(key(of: page))
        }
        guard !page.pointee.isBusy else {
            page.pointee.isAbandoned = true
            return
        }
        giveBackMemory(of: page)
        giveBackBits(of: page)
        if page.pointee.slot >= 0 { file.freeAfterCheckpoint(page.pointee.slot) }
        if sparePages.count < Self.sparePagesMax { sparePages.append(page) } else { page.deallocate() }
    }

    /// The page is full: from now on the cache decides whether it stays in memory.
    func seal(_ page: UnsafeMutablePointer<IndexPage>) {
        page.pointee.frame = cache.admit(key(of: page), byteCount: IndexPage.byteCount, place: cache.tail)
    }

    func key(of page: UnsafeMutablePointer<IndexPage>) -> PageKey { PageKey(.index, UInt64(UInt(bitPattern: page))) }

    private func page(_ key: PageKey) -> UnsafeMutablePointer<IndexPage> {
        guard let page = UnsafeMutablePointer<IndexPage>(bitPattern: UInt(key.number)) else {
            preconditionFailure("not the key of a page")
        }
        return page
    }

    // MARK: Reading

    func fetch(_ page: UnsafeMutablePointer<IndexPage>, for waiter: any PageWaiter) {
        if cache.wait(for: key(of: page), waiter) { read(page) }
    }

    func prefetch(_ page: UnsafeMutablePointer<IndexPage>) {
        guard page.pointee.entries == nil, page.pointee.slot >= 0, !page.pointee.isBusy else { return }
        if cache.expect(key(of: page)) { read(page) }
    }

    private func read(_ page: UnsafeMutablePointer<IndexPage>) {
        precondition(page.pointee.entries == nil && !page.pointee.isBusy)
        page.pointee.isBusy = true
        let memory = takeMemory()
        let job = file.readJob(
            into: UnsafeMutableRawPointer(memory), byteCount: IndexPage.byteCount, slot: page.pointee.slot)
        cache.jobs.start(.read, job) { [unowned self] outcome in self.hasRead(page, memory, outcome) }
    }

    private func hasRead(
        _ page: UnsafeMutablePointer<IndexPage>, _ memory: UnsafeMutablePointer<IndexEntry>,
        _ outcome: DiskJobs.Outcome
    ) {
        let key = key(of: page)
        page.pointee.isBusy = false
        page.pointee.entries = memory
        page.pointee.capacity = UInt16(IndexPage.entryCount)
        if page.pointee.isAbandoned {
            drop(page)
        } else if case .success = outcome, Self.checksum(of: memory) == page.pointee.checksum {
            page.pointee.frame = cache.admit(key, byteCount: IndexPage.byteCount, place: cache.tail)
        } else {
            readFailures += 1
            page.pointee.hasFailed = true
            giveBackMemory(of: page)
        }
        cache.arrived(key)
    }

    /// The page's entries have been found again in the log.
    func hasRepaired(_ page: UnsafeMutablePointer<IndexPage>, _ memory: UnsafeMutablePointer<IndexEntry>) {
        page.pointee.isBusy = false
        page.pointee.hasFailed = false
        page.pointee.entries = memory
        page.pointee.capacity = UInt16(IndexPage.entryCount)
        // The slot is damaged.
        if page.pointee.slot >= 0 { file.freeAfterCheckpoint(page.pointee.slot) }
        page.pointee.slot = -1
        if page.pointee.isAbandoned { drop(page) } else { seal(page) }
    }

    private static func checksum(of entries: UnsafeMutablePointer<IndexEntry>) -> UInt32 {
        harrier_crc32c(0, UnsafeRawPointer(entries), IndexPage.byteCount)
    }

    // MARK: Writing

    /// Writes the page to a slot, so that it can leave memory or stand in a checkpoint.
    private func write(
        _ page: UnsafeMutablePointer<IndexPage>, then: @escaping (_ isWritten: Bool) -> Void
    ) {
        guard let entries = page.pointee.entries else { preconditionFailure("only what is in memory can be written") }
        page.pointee.isBusy = true
        page.pointee.checksum = Self.checksum(of: entries)
        let slot = file.allocate()
        let job = file.writeJob(UnsafeMutableRawPointer(entries), byteCount: IndexPage.byteCount, slot: slot)
        cache.jobs.start(.write, job) { [unowned self] outcome in
            self.hasWritten(page, slot, outcome)
            if case .success = outcome { then(true) } else { then(false) }
        }
    }

    private func hasWritten(_ page: UnsafeMutablePointer<IndexPage>, _ slot: Int32, _ outcome: DiskJobs.Outcome) {
        page.pointee.isBusy = false
        if case .success = outcome {
            page.pointee.slot = slot
            page.pointee.hasFailed = false
        } else {
            writeFailures += 1
            page.pointee.hasFailed = true
            file.freeAfterCheckpoint(slot)
        }
        if page.pointee.isAbandoned { drop(page) }
    }

    // MARK: Reaping

    /// Takes over a page whose entries nobody looks at any more, to tell them to `release` in good time.
    func reap(_ page: UnsafeMutablePointer<IndexPage>) {
        reaped.append(page)
    }

    public var isReaping: Bool { reapedDone < reaped.count }

    /// Releases the entries of some pages, and reads some more ahead. To be called once a burst while `isReaping`.
    public func reapSome() {
        let pagesPerStep = 32
        reap(atMost: pagesPerStep)
        for page in reaped[reapedDone...].prefix(pagesPerStep) { prefetch(page) }
        if reapedDone == reaped.count {
            reaped = []
            reapedDone = 0
        }
    }

    private func reap(atMost count: Int) {
        var step = 0
        while step < count, reapedDone < reaped.count {
            let page = reaped[reapedDone]
            guard page.pointee.entries != nil || page.pointee.hasFailed else { return }
            if let entries = page.pointee.entries {
                for offset in 0..<IndexPage.entryCount where page.pointee.isLive(offset) { release(entries[offset]) }
            }
            drop(page)
            reapedDone += 1
            step += 1
        }
    }

    // MARK: Checkpoints

    /// Reaps what is in memory, so that the rest can stand in a checkpoint by its slots.
    public func reapForCheckpoint() {
        let away = reaped[reapedDone...].filter { $0.pointee.entries == nil && !$0.pointee.hasFailed }
        reaped = reaped[reapedDone...].filter { $0.pointee.entries != nil || $0.pointee.hasFailed }
        reapedDone = 0
        reap(atMost: .max)
        reaped = away
        reapedDone = 0
    }

    /// Writes a page that may stay in memory.
    func writeAhead(_ page: UnsafeMutablePointer<IndexPage>) {
        guard page.pointee.entries != nil, page.pointee.slot < 0, !page.pointee.isBusy else { return }
        write(page) { _ in }
    }

    /// A checkpoint's content has just been settled. `then` is called once all that it counts on is on disk, or can't be.
    public func syncForCheckpoint(then: @escaping (_ isSynced: Bool) -> Void) {
        file.snapshotTaken()
        cache.jobs.start(.write, file.syncJob()) { outcome in
            if case .success = outcome { then(true) } else { then(false) }
        }
    }

    /// Calls `then` when what has been asked to be written so far is written.
    public func whenWritten(then: @escaping () -> Void) {
        cache.jobs.start(.write, { .success(DiskJobs.Value()) }, then: { _ in then() })
    }

    /// The checkpoint for which the last `syncForCheckpoint` was is on disk.
    public func checkpointDurable() { file.checkpointDurable() }

    /// Whether the file is as long as the slots that a checkpoint knows need it to be.
    public func reachesItsSlots() throws(StorageError) -> Bool { try file.reachesItsSlots() }

    /// After a start from a checkpoint: the slots that it knows.
    public func restoreSlots(_ slots: Set<Int32>) { file.restore(used: slots) }

    /// The pages that wait to be reaped, in a checkpoint.
    public func encodeReaped(into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(reaped.count - reapedDone))
        for page in reaped[reapedDone...] {
            encoder.append(page.pointee.slot)
            encoder.append(page.pointee.checksum)
            for word in 0..<IndexPage.wordCount { encoder.append(page.pointee.durableWord(word, readyOnly: false)) }
        }
    }

    /// Takes over what an earlier process had still to reap.
    public func decodeReaped(
        from decoder: inout CheckpointDecoder, slots: inout Set<Int32>
    ) throws(CheckpointDecoder.Malformed) {
        for _ in 0..<(try decoder.readCount(of: 8 + 8 * IndexPage.wordCount)) {
            let page = makePage()
            page.pointee.slot = try decoder.read()
            page.pointee.checksum = try decoder.read()
            let bits = takeBits(live: 0)
            page.pointee.bits = bits
            for word in 0..<IndexPage.wordCount {
                bits[word] = try decoder.read()
                page.pointee.liveCount += UInt16(bits[word].nonzeroBitCount)
            }
            guard page.pointee.slot >= 0, slots.insert(page.pointee.slot).inserted else {
                throw CheckpointDecoder.Malformed()
            }
            reap(page)
        }
    }
}

extension IndexStore: PageOwner {
    func canEvict(_ key: PageKey) -> Bool {
        let page = page(key)
        return !page.pointee.isBusy && !page.pointee.hasFailed
    }

    func evict(_ key: PageKey) -> Bool {
        let page = page(key)
        guard page.pointee.slot < 0 else {
            giveBackMemory(of: page)
            let count = UInt16(IndexPage.entryCount)
            let isPlain = page.pointee.readyCount == count && page.pointee.transientCount == 0
            if isPlain { giveBackBits(of: page) }
            return true
        }
        write(page) { [cache] _ in cache.hasLeft(byteCount: IndexPage.byteCount) }
        return false
    }
}
