// Many entries for the price of one: bits are looked at and changed by the word.

extension PagedIndex {
    /// The first entries that are ready, as far as they stand in a row; nil if none is ready, or their page is not in memory.
    public func firstRow() -> IndexRow? {
        guard let first = firstReady(), let page = page(of: first), let entries = page.pointee.entries else {
            return nil
        }
        if page.pointee.frame >= 0 { store.cache.touch(page.pointee.frame) }
        let offset = first & Self.mask
        let ready = page.pointee.readyWord(offset >> 6) >> UInt64(offset & 63)
        return IndexRow(first: first, count: (~ready).trailingZeroBitCount, entries: entries + offset)
    }

    /// Hands out entries of a row: the first `count` from `first` on, which stand in one word and are all ready.
    public func takeRow(first: Int, count: Int) {
        guard count > 0, let page = page(of: first) else { return }
        let offset = first & Self.mask
        bits(page)[IndexPage.wordCount + offset >> 6] |= Self.wordMask(offset, count)
        page.pointee.readyCount -= UInt16(count)
        readyCount -= count
    }

    /// The same, and at once they are done with.
    public func settleRow(first: Int, count: Int) {
        guard count > 0, let page = page(of: first) else { return }
        let offset = first & Self.mask
        let mask = Self.wordMask(offset, count)
        let bits = bits(page)
        precondition(bits[offset >> 6] & mask == mask, "settled twice")
        bits[offset >> 6] &= ~mask
        let transient = bits[2 * IndexPage.wordCount + offset >> 6] & mask
        bits[2 * IndexPage.wordCount + offset >> 6] &= ~mask
        page.pointee.transientCount -= UInt16(transient.nonzeroBitCount)
        page.pointee.readyCount -= UInt16(count)
        page.pointee.liveCount -= UInt16(count)
        readyCount -= count
        liveCount -= count
        if page.pointee.liveCount == 0, page != lastPage { dropPage(first >> Self.shift) }
    }

    private static func wordMask(_ offset: Int, _ count: Int) -> UInt64 {
        precondition(offset & 63 + count <= 64, "not within one word")
        return (UInt64.max >> UInt64(64 - count)) << UInt64(offset & 63)
    }
}
