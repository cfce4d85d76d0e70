import CPrefetch

/// A queue's messages in their order: entries of sixteen bytes, numbered without gaps as they are appended. Pages of
/// them that the cache does not keep are in a side file, so a queue may hold any number of messages.
///
/// An entry is *ready* until it is taken, then *out* until it is put back or settled. Which entries are what is always
/// in memory, in bits. Owned by the core; no call blocks.
public final class PagedIndex {
    static let shift = 8
    static let mask = IndexPage.entryCount - 1

    let store: IndexStore
    // Unchecked: one owner, and no call lets foreign code run while a property is being changed.
    @exclusivity(unchecked) var pages: SlidingTable<UnsafeMutablePointer<IndexPage>?>
    /// The number of the next entry.
    @exclusivity(unchecked) public internal(set) var end: Int
    @exclusivity(unchecked) public internal(set) var readyCount = 0
    @exclusivity(unchecked) public internal(set) var liveCount = 0
    /// No entry before it is ready.
    @exclusivity(unchecked) var cursor: Int
    /// The page that is being filled, nil if the next entry begins one.
    @exclusivity(unchecked) var lastPage: UnsafeMutablePointer<IndexPage>?

    /// - Parameter first: the number of the first entry.
    public init(store: IndexStore, first: Int = 0) {
        self.store = store
        end = first
        cursor = first
        pages = SlidingTable(first: first >> Self.shift, capacity: 2)
        if first & Self.mask != 0 { grow(beginPage(), toHold: (first - 1) & Self.mask) }
    }

    deinit {
        for number in pages.first..<pages.end {
            if let page = pages[number].pointee { store.drop(page) }
        }
    }

    // MARK: In

    /// Adds an entry at the end; it is ready.
    ///
    /// - Returns: its number.
    @discardableResult
    @inline(__always)
    public func append(_ entry: IndexEntry, isDurable: Bool) -> Int {
        let page = lastPage ?? beginPage()
        let offset = end & Self.mask
        if offset >= Int(page.pointee.capacity) { grow(page, toHold: offset) }
        guard let entries = page.pointee.entries, let bits = page.pointee.bits else {
            preconditionFailure("the last page is in memory")
        }
        entries[offset] = entry
        let bit: UInt64 = 1 << UInt64(offset & 63)
        bits[offset >> 6] |= bit
        if !isDurable {
            bits[2 * IndexPage.wordCount + offset >> 6] |= bit
            page.pointee.transientCount += 1
        }
        page.pointee.liveCount += 1
        page.pointee.readyCount += 1
        liveCount += 1
        readyCount += 1
        end += 1
        if end & Self.mask == 0 { endPage() }
        return end - 1
    }

    @inline(never)
    func beginPage() -> UnsafeMutablePointer<IndexPage> {
        let page = store.makePage()
        page.pointee.bits = store.takeBits(live: 0)
        let number = end >> Self.shift
        if pages.count == 0 { pages = SlidingTable(first: number, capacity: 2) }
        while pages.end <= number { pages.append(nil) }
        pages[number].pointee = page
        lastPage = page
        return page
    }

    /// A queue that is never long never needs a whole page.
    @inline(never)
    func grow(_ page: UnsafeMutablePointer<IndexPage>, toHold offset: Int) {
        let isFirst = pages.count == 1
        var capacity = max(16, Int(page.pointee.capacity) * 4)
        while capacity <= offset { capacity *= 4 }
        if !isFirst || capacity > IndexPage.entryCount { capacity = IndexPage.entryCount }
        let grown = capacity == IndexPage.entryCount ? store.takeMemory() : .allocate(capacity: capacity)
        if let entries = page.pointee.entries { grown.update(from: entries, count: Int(page.pointee.capacity)) }
        // Entries that were skipped are dead; a page is checked and written whole all the same.
        let old = Int(page.pointee.capacity)
        (grown + old).update(repeating: IndexEntry(first: 0, second: 0), count: capacity - old)
        store.giveBackMemory(of: page)
        page.pointee.entries = grown
        page.pointee.capacity = UInt16(capacity)
    }

    func endPage() {
        guard let page = lastPage else { return }
        lastPage = nil
        if page.pointee.liveCount == 0 {
            dropPage((end - 1) >> Self.shift)
        } else {
            if Int(page.pointee.capacity) < IndexPage.entryCount { grow(page, toHold: IndexPage.entryCount - 1) }
            store.seal(page)
        }
    }

    // MARK: Looking

    /// The number that the next entry gets. As `end`, but without the check of exclusive access that a look at a property
    /// of another module costs.
    @inline(never)
    public func nextNumber() -> Int { end }

    /// The number of the first entry that is ready, nil if none is.
    @inline(__always)
    public func firstReady() -> Int? {
        guard readyCount > 0 else { return nil }
        var number = cursor >> Self.shift
        var offset = cursor & Self.mask
        if number < pages.first {
            number = pages.first
            offset = 0
        }
        while true {
            if let page = pages[number].pointee, page.pointee.readyCount > 0,
                let found = page.pointee.firstReady(from: offset)
            {
                cursor = number << Self.shift | found
                return cursor
            }
            number += 1
            offset = 0
        }
    }

    /// The number of the first ready entry at or behind `start`, nil if there is none.
    public func nextReady(from start: Int) -> Int? {
        var number = max(start >> Self.shift, pages.first)
        var offset = number == start >> Self.shift ? start & Self.mask : 0
        while number < pages.end {
            if let page = pages[number].pointee, page.pointee.readyCount > 0,
                let found = page.pointee.firstReady(from: offset)
            {
                return number << Self.shift | found
            }
            number += 1
            offset = 0
        }
        return nil
    }

    /// The entry, nil if its page is not in memory (`fetch` brings it) or can't be had (`isLost`).
    @inline(__always)
    public func entry(at number: Int) -> IndexEntry? {
        guard let page = page(of: number), let entries = page.pointee.entries else { return nil }
        if page.pointee.frame >= 0 { store.cache.touch(page.pointee.frame) }
        return entries[number & Self.mask]
    }

    public func isLost(at number: Int) -> Bool {
        guard let page = page(of: number) else { return true }
        return page.pointee.hasFailed && page.pointee.entries == nil
    }

    /// Neither settled, nor skipped, nor beyond the end.
    public func isLive(at number: Int) -> Bool {
        guard number < end, let page = page(of: number) else { return false }
        return page.pointee.isLive(number & Self.mask)
    }

    public func isOut(at number: Int) -> Bool {
        guard number < end, let page = page(of: number) else { return false }
        return page.pointee.isOut(number & Self.mask)
    }

    /// An entry, anywhere, will be looked at soon. For many at once: the memory that they are in is on its way then for all
    /// of them together, where each look by itself would wait for it several times. Half of it is found by way of the
    /// other, so first all of them are announced by `lookAheadToPage`.
    public func lookAhead(at number: Int) {
        guard let page = page(of: number) else { return }
        let offset = number & Self.mask
        if let bits = page.pointee.bits { harrier_prefetch(bits + offset >> 6) }
        if let entries = page.pointee.entries { harrier_prefetch(entries + offset) }
        if page.pointee.frame >= 0 { store.cache.lookAhead(page.pointee.frame) }
    }

    public func lookAheadToPage(of number: Int) {
        harrier_prefetch(page(of: number))
    }

    @inline(__always)
    func page(of number: Int) -> UnsafeMutablePointer<IndexPage>? {
        let index = number >> Self.shift
        guard index >= pages.first, index < pages.end else { return nil }
        return pages[index].pointee
    }

    /// Brings the page of an entry that is alive into memory.
    public func fetch(_ number: Int, for waiter: any PageWaiter) {
        guard let page = page(of: number) else { preconditionFailure("the entry is not alive") }
        store.fetch(page, for: waiter)
    }

    /// Finds the entries of a page that is lost (`isLost`) again, in the log itself, which is read on another thread.
    ///
    /// - Parameters:
    ///   - find: is called there with every record, and says which entries it makes, by their numbers.
    ///   - lost: is called with the numbers of entries that are alive and were not found; the caller settles them.
    ///   - waiter: hears when it is done, after `lost`.
    public func repair(
        _ number: Int, from log: SegmentLog, for waiter: any PageWaiter,
        find: @escaping @Sendable (Record, (Int, IndexEntry) -> Void) -> Void, lost: @escaping (Int) -> Void
    ) {
        guard let page = page(of: number), page.pointee.entries == nil else { preconditionFailure("it is not lost") }
        let key = store.key(of: page)
        guard store.cache.wait(for: key, waiter) else { return }
        page.pointee.isBusy = true
        let memory = store.takeMemory()
        memory.update(repeating: IndexEntry(first: 0, second: 0), count: IndexPage.entryCount)
        let first = number & ~Self.mask
        let result = DiskJobs.Value(memory: UnsafeMutableRawPointer(memory), byteCount: IndexPage.byteCount)
        let scan = log.makeScan()
        store.cache.jobs.start(.read) {
            let entries = result.memory?.assumingMemoryBound(to: IndexEntry.self)
            scan.forEachRecord { record in
                find(record) { found, entry in
                    if found >= first, found < first + IndexPage.entryCount { entries?[found - first] = entry }
                }
            }
            return .success(result)
        } then: { [store] _ in
            let isAbandoned = page.pointee.isAbandoned
            store.hasRepaired(page, memory)
            if !isAbandoned {
                for offset in 0..<IndexPage.entryCount where page.pointee.isLive(offset) && memory[offset].first == 0 {
                    lost(first | offset)
                }
            }
            store.cache.arrived(key)
        }
    }

    /// Reads an entry's page ahead.
    public func prefetch(at number: Int) {
        if let page = page(of: number) { store.prefetch(page) }
    }

    /// Reads the page of the entries behind that one's page ahead, when that one's page begins.
    @inline(__always)
    public func prefetch(behind number: Int) {
        if number & Self.mask == 0, let page = page(of: number + IndexPage.entryCount) { store.prefetch(page) }
    }

    /// Brings the page of an entry into memory while the caller waits: before the core has begun its work, and where
    /// single pages of an index are all that is asked for.
    public func load(_ number: Int) {
        guard let page = page(of: number), page.pointee.entries == nil, !page.pointee.hasFailed else { return }
        store.prefetch(page)
        store.cache.jobs.drain()
    }

    // MARK: Changing

    /// The three sets of a page, in memory from now on.
    @inline(__always)
    func bits(_ page: UnsafeMutablePointer<IndexPage>) -> UnsafeMutablePointer<UInt64> {
        if let bits = page.pointee.bits { return bits }
        let bits = store.takeBits(live: .max)
        page.pointee.bits = bits
        return bits
    }

    /// Hands a ready entry out.
    @inline(__always)
    public func take(at number: Int) {
        guard let page = page(of: number) else { preconditionFailure("the entry is not alive") }
        let offset = number & Self.mask
        bits(page)[IndexPage.wordCount + offset >> 6] |= 1 << UInt64(offset & 63)
        page.pointee.readyCount -= 1
        readyCount -= 1
    }

    /// An entry that was out is ready again, in its old place.
    public func putBack(at number: Int) {
        guard let page = page(of: number) else { preconditionFailure("the entry is not alive") }
        let offset = number & Self.mask
        precondition(page.pointee.isLive(offset) && page.pointee.isOut(offset), "only what is out can come back")
        bits(page)[IndexPage.wordCount + offset >> 6] &= ~(1 << UInt64(offset & 63))
        page.pointee.readyCount += 1
        readyCount += 1
        cursor = min(cursor, number)
    }

    /// The entry, ready or out, is done with.
    ///
    /// - Returns: whether it was ready.
    @discardableResult
    @inline(__always)
    public func settle(at number: Int) -> Bool {
        guard let page = page(of: number) else { preconditionFailure("the entry is not alive") }
        let offset = number & Self.mask
        precondition(page.pointee.isLive(offset), "settled twice")
        let bits = bits(page)
        let bit: UInt64 = 1 << UInt64(offset & 63)
        let word = offset >> 6
        let isOut = bits[IndexPage.wordCount + word] & bit != 0
        bits[word] &= ~bit
        if isOut {
            bits[IndexPage.wordCount + word] &= ~bit
        } else {
            page.pointee.readyCount -= 1
            readyCount -= 1
        }
        if bits[2 * IndexPage.wordCount + word] & bit != 0 {
            bits[2 * IndexPage.wordCount + word] &= ~bit
            page.pointee.transientCount -= 1
        }
        page.pointee.liveCount -= 1
        liveCount -= 1
        if page.pointee.liveCount == 0, page != lastPage { dropPage(number >> Self.shift) }
        return !isOut
    }

    func dropPage(_ index: Int) {
        guard let page = pages[index].pointee else { return }
        pages[index].pointee = nil
        store.drop(page)
        slide()
    }

    private func slide() {
        while pages.count > 0, pages[pages.first].pointee == nil { pages.removeFirst() }
    }

    /// Whether an entry could be replaced now: its page is in memory, and nobody is writing it.
    public func canReplace(at number: Int) -> Bool {
        guard let page = page(of: number), page.pointee.entries != nil else { return false }
        return !page.pointee.isBusy
    }

    /// Changes an entry that is alive. Only if `canReplace`.
    public func replace(at number: Int, with entry: IndexEntry) {
        guard let page = page(of: number), let entries = page.pointee.entries, !page.pointee.isBusy else {
            preconditionFailure("the page is not in memory")
        }
        entries[number & Self.mask] = entry
        if page.pointee.slot >= 0 { store.file.freeAfterCheckpoint(page.pointee.slot) }
        page.pointee.slot = -1
    }

    // MARK: All at once

    /// Drops all ready entries. Those that are in memory are handed to `body`; pages that are not go to the store, which
    /// hands them to its `release` in time.
    public func removeReady(_ body: (IndexEntry) -> Void) {
        remove(includingOut: false, body)
    }

    /// Drops everything, what is out as well.
    public func removeAll(_ body: (IndexEntry) -> Void) {
        remove(includingOut: true, body)
    }

    private func remove(includingOut: Bool, _ body: (IndexEntry) -> Void) {
        for index in pages.first..<pages.end {
            // Settling slides the table past pages that are gone. The last page may be empty, and stays.
            guard index >= pages.first, let page = pages[index].pointee, page.pointee.liveCount > 0 else { continue }
            let isMixed = page.pointee.readyCount < page.pointee.liveCount
            if page.pointee.entries == nil {
                if includingOut || !isMixed {
                    pages[index].pointee = nil
                    readyCount -= Int(page.pointee.readyCount)
                    liveCount -= Int(page.pointee.liveCount)
                    store.reap(page)
                    continue
                }
                load(index << Self.shift)
            }
            let entries = page.pointee.entries
            for offset in 0..<IndexPage.entryCount where page.pointee.isLive(offset) {
                guard includingOut || !page.pointee.isOut(offset) else { continue }
                let isLast = page.pointee.liveCount == 1
                if let entries { body(entries[offset]) }
                settle(at: index << Self.shift | offset)
                if isLast { break }
            }
        }
        slide()
    }
}
