// How an index stands in a checkpoint: for each page where its entries are and which of them are alive. Transient
// entries are left out, and what is out is ready again.

extension PagedIndex {
    private enum PageForm: UInt8 {
        /// All entries are dead.
        case dead = 0
        /// All entries are alive, and in a slot of the side file.
        case whole = 1
        /// Some entries are alive; they are in a slot.
        case partial = 2
        /// Some entries are alive; they are in the checkpoint itself.
        case inline = 3
    }

    /// Has pages that are not in the side file written to it, so that a checkpoint need not hold them itself.
    public func writePages() {
        for index in pages.first..<pages.end {
            guard let page = pages[index].pointee, page != lastPage, page.pointee.slot < 0 else { continue }
            if page.pointee.liveCount > page.pointee.transientCount { store.writeAhead(page) }
        }
    }

    public func encode(into encoder: inout CheckpointEncoder) {
        encoder.append(UInt64(end))
        encoder.append(UInt64(pages.first))
        encoder.append(UInt64(pages.count))
        for index in pages.first..<pages.end { encode(page: pages[index].pointee, into: &encoder) }
    }

    private func encode(page: UnsafeMutablePointer<IndexPage>?, into encoder: inout CheckpointEncoder) {
        guard let page, page.pointee.liveCount > page.pointee.transientCount else {
            encoder.append(PageForm.dead.rawValue)
            return
        }
        if page.pointee.slot < 0 {
            guard let entries = page.pointee.entries else {
                // It could neither be written nor read back: what it held is lost.
                encoder.append(PageForm.dead.rawValue)
                return
            }
            let count = page == lastPage ? end & Self.mask : IndexPage.entryCount
            encoder.append(PageForm.inline.rawValue)
            encodeBits(of: page, into: &encoder)
            encoder.append(UInt16(count))
            encoder.append(UnsafeRawBufferPointer(start: entries, count: count * MemoryLayout<IndexEntry>.stride))
            return
        }
        let isWhole = page.pointee.liveCount == IndexPage.entryCount && page.pointee.transientCount == 0
        encoder.append((isWhole ? PageForm.whole : PageForm.partial).rawValue)
        encoder.append(page.pointee.slot)
        encoder.append(page.pointee.checksum)
        if !isWhole { encodeBits(of: page, into: &encoder) }
    }

    private func encodeBits(of page: UnsafeMutablePointer<IndexPage>, into encoder: inout CheckpointEncoder) {
        for word in 0..<IndexPage.wordCount { encoder.append(page.pointee.durableWord(word, readyOnly: false)) }
    }

    /// An index as a checkpoint has it.
    ///
    /// - Parameter slots: gets the side file's slots that it uses.
    public convenience init(
        store: IndexStore, from decoder: inout CheckpointDecoder, slots: inout Set<Int32>
    ) throws(CheckpointDecoder.Malformed) {
        let end = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        let firstPage = Int(truncatingIfNeeded: try decoder.read(UInt64.self))
        let count = try decoder.readCount(of: 1)
        guard end >= 0, firstPage >= 0, count == 0 || (firstPage + count - 1) << Self.shift <= end else {
            throw CheckpointDecoder.Malformed()
        }
        self.init(store: store)
        self.end = end
        // A last page whose entries are all dead is not there, and the table may begin behind it.
        cursor = min(end, firstPage << Self.shift)
        pages = SlidingTable(first: firstPage, capacity: 2)
        for index in firstPage..<firstPage + count {
            let page = try Self.decodePage(store, &decoder, &slots)
            pages.append(page)
            guard let page else { continue }
            liveCount += Int(page.pointee.liveCount)
            readyCount += Int(page.pointee.readyCount)
            if index == end >> Self.shift, end & Self.mask != 0 {
                lastPage = page
            } else if page.pointee.entries != nil {
                store.seal(page)
            }
        }
        while pages.count > 0, pages[pages.first].pointee == nil { pages.removeFirst() }
    }

    private static func decodePage(
        _ store: IndexStore, _ decoder: inout CheckpointDecoder, _ slots: inout Set<Int32>
    ) throws(CheckpointDecoder.Malformed) -> UnsafeMutablePointer<IndexPage>? {
        guard let form = PageForm(rawValue: try decoder.read(UInt8.self)) else { throw CheckpointDecoder.Malformed() }
        if form == .dead { return nil }
        let page = store.makePage()
        page.pointee.liveCount = UInt16(IndexPage.entryCount)
        if form != .inline {
            page.pointee.slot = try decoder.read()
            page.pointee.checksum = try decoder.read()
            guard page.pointee.slot >= 0, slots.insert(page.pointee.slot).inserted else {
                throw CheckpointDecoder.Malformed()
            }
        }
        if form != .whole {
            let bits = store.takeBits(live: 0)
            page.pointee.bits = bits
            page.pointee.liveCount = 0
            for word in 0..<IndexPage.wordCount {
                bits[word] = try decoder.read()
                page.pointee.liveCount += UInt16(bits[word].nonzeroBitCount)
            }
        }
        page.pointee.readyCount = page.pointee.liveCount
        if form == .inline {
            let entries = store.takeMemory()
            entries.update(repeating: IndexEntry(first: 0, second: 0), count: IndexPage.entryCount)
            page.pointee.entries = entries
            page.pointee.capacity = UInt16(IndexPage.entryCount)
            let count = Int(try decoder.read(UInt16.self))
            guard count <= IndexPage.entryCount else { throw CheckpointDecoder.Malformed() }
            try decoder.readBytes(
                into: UnsafeMutableRawBufferPointer(start: entries, count: count * MemoryLayout<IndexEntry>.stride))
        }
        return page
    }

    /// The entries that are alive and durable, or only those of them that are ready, as ranges of their numbers.
    public func forEachDurableRange(readyOnly: Bool, _ body: (Range<Int>) -> Void) {
        var start: Int?
        for index in pages.first..<pages.end {
            for word in 0..<IndexPage.wordCount {
                let base = index << Self.shift | word << 6
                let bits = pages[index].pointee?.pointee.durableWord(word, readyOnly: readyOnly) ?? 0
                if bits == 0 || bits == .max {
                    if bits == 0, let begun = start { body(begun..<base) }
                    if bits == 0 { start = nil } else if start == nil { start = base }
                    continue
                }
                for bit in 0..<64 {
                    let isLive = bits & (1 << UInt64(bit)) != 0
                    if isLive, start == nil { start = base + bit }
                    if !isLive, let begun = start {
                        body(begun..<base + bit)
                        start = nil
                    }
                }
            }
        }
        if let begun = start { body(begun..<min(end, pages.end << Self.shift)) }
    }
}
