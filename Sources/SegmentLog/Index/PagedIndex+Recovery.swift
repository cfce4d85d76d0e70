// How a start rebuilds an index: entries come in the log's order, which is not always theirs. These calls may block.

extension PagedIndex {
    /// Puts an entry where it was before the stop. Numbers that are passed over are dead.
    ///
    /// - Returns: the entry that it replaces, if one was alive there.
    public func restore(_ entry: IndexEntry, at number: Int) -> IndexEntry? {
        if number >= end {
            skip(to: number)
            append(entry, isDurable: true)
            return nil
        }
        let page = pageForRestoring(number)
        load(number)
        let offset = number & Self.mask
        guard let entries = page.pointee.entries else { return nil }
        if page.pointee.isLive(offset) {
            let replaced = entries[offset]
            replace(at: number, with: entry)
            return replaced
        }
        bits(page)[offset >> 6] |= 1 << UInt64(offset & 63)
        page.pointee.liveCount += 1
        page.pointee.readyCount += 1
        liveCount += 1
        readyCount += 1
        cursor = min(cursor, number)
        replace(at: number, with: entry)
        return nil
    }

    /// Settles an entry, if it is alive.
    ///
    /// - Returns: the entry; nil if it was not alive, or its page can't be read.
    public func settleRestored(at number: Int) -> IndexEntry? {
        guard isLive(at: number) else { return nil }
        load(number)
        let entry = entry(at: number)
        settle(at: number)
        return entry
    }

    /// The numbers below `number` that are not there yet never will be.
    public func skip(to number: Int) {
        guard number > end else { return }
        if let page = lastPage {
            let pageEnd = (end | Self.mask) + 1
            end = min(number, pageEnd)
            if end == pageEnd {
                endPage()
            } else if (end - 1) & Self.mask >= Int(page.pointee.capacity) {
                // There is memory for whatever is below the end: such a number may be restored, and is in checkpoints.
                grow(page, toHold: (end - 1) & Self.mask)
            }
        }
        end = number
    }

    private func pageForRestoring(_ number: Int) -> UnsafeMutablePointer<IndexPage> {
        if let page = page(of: number) { return page }
        let index = number >> Self.shift
        if index == end >> Self.shift {
            let page = beginPage()
            grow(page, toHold: end & Self.mask)
            return page
        }
        if pages.count == 0 { pages = SlidingTable(first: index, capacity: 2) }
        if index < pages.first { pages.extendDown(to: index, with: nil) }
        while pages.end <= index { pages.append(nil) }
        let page = store.makePage()
        page.pointee.bits = store.takeBits(live: 0)
        page.pointee.entries = store.takeMemory()
        page.pointee.entries?.update(repeating: IndexEntry(first: 0, second: 0), count: IndexPage.entryCount)
        page.pointee.capacity = UInt16(IndexPage.entryCount)
        pages[index].pointee = page
        store.seal(page)
        return page
    }
}
