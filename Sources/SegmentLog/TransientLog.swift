/// The memory-only sibling of `SegmentLog`, for messages that need not outlive the process: the same pages, no disk.
///
/// Used by one owner. Positions mean something only while the record holds references; a page's place is used again
/// once nothing in it does, so they say nothing about order.
public final class TransientLog {
    /// The payload's length, in eight bytes.
    private static let headerByteCount = 8

    private let pageByteCount: Int
    private let pageShift: Int
    // Unchecked: as in `SegmentLog`.
    @exclusivity(unchecked) private var pages: SlidingTable<Page>
    @exclusivity(unchecked) private var pool: PagePool
    /// Numbers of pages without memory, to be used again.
    private var freeNumbers: [Int] = []

    // The open page; number 0 is never used, so that no record is at position 0.
    @exclusivity(unchecked) private var openPage = 0
    @exclusivity(unchecked) private var openMemory = UnsafeMutableRawPointer(bitPattern: 8).unsafelyUnwrapped
    @exclusivity(unchecked) private var offset = 0
    @exclusivity(unchecked) private var room = 0

    /// - Parameters:
    ///   - pageByteCount: a power of two. One record that stays keeps so much memory.
    ///   - sparePagesMax: how many free pages are kept for reuse.
    public init(pageByteCount: Int = 64 << 10, sparePagesMax: Int = 64) {
        precondition(pageByteCount.nonzeroBitCount == 1 && pageByteCount >= LogGeometry.pageByteCountMin)
        self.pageByteCount = pageByteCount
        pageShift = pageByteCount.trailingZeroBitCount
        pages = SlidingTable(first: 1)
        pool = PagePool(pageByteCount: pageByteCount, sparePagesMax: sparePagesMax)
    }

    deinit {
        for number in pages.first..<pages.end {
            guard let memory = pages[number].pointee.memory else { continue }
            pool.give(back: memory, byteCount: Int(pages[number].pointee.memoryByteCount))
        }
    }

    /// Memory of pages, spare ones included.
    public var residentBytes: Int { pool.residentByteCount }

    /// Keeps a payload until its references (at least one) are released.
    ///
    /// - Parameter fill: is called once, at once, to write all of the payload. It must not use the log.
    public func append(
        payloadCount: Int, references: Int, fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> LogPosition {
        precondition(payloadCount >= 0 && payloadCount < 1 << 31 && references > 0)
        let recordByteCount = (Self.headerByteCount + payloadCount + 7) & ~7
        if recordByteCount > room { makeRoom(recordByteCount: recordByteCount) }
        let position = UInt64(openPage << pageShift + offset)
        let address = openMemory + offset
        address.storeBytes(of: UInt64(payloadCount), as: UInt64.self)
        fill(UnsafeMutableRawBufferPointer(start: address + Self.headerByteCount, count: payloadCount))
        pages[openPage].pointee.references += UInt32(references)
        offset += recordByteCount
        room -= recordByteCount
        if recordByteCount > pageByteCount {
            // It has its memory to itself: a position cannot say an offset beyond a page.
            openPage = 0
            room = 0
        }
        return LogPosition(rawValue: position)
    }

    /// The payload of a record that holds a reference; valid until the owner's next `release`.
    public func payload(at position: LogPosition) -> UnsafeRawBufferPointer {
        let page = pages[Int(position.rawValue) >> pageShift].pointee
        guard let memory = page.memory else { preconditionFailure("the record is gone") }
        let address = UnsafeRawPointer(memory + Int(position.rawValue) & (pageByteCount - 1))
        let payloadCount = Int(address.load(as: UInt64.self))
        return UnsafeRawBufferPointer(start: address + Self.headerByteCount, count: payloadCount)
    }

    /// Takes one reference back.
    public func release(_ position: LogPosition) {
        let number = Int(position.rawValue) >> pageShift
        let page = pages[number]
        precondition(page.pointee.references > 0, "released more often than referenced")
        page.pointee.references -= 1
        guard page.pointee.references == 0 else { return }
        if number == openPage {
            // Start it anew: what comes and goes at once stays in the processor's cache.
            room += offset
            offset = 0
        } else {
            dropPage(number)
        }
    }

    @inline(never)
    private func makeRoom(recordByteCount: Int) {
        if openPage != 0, pages[openPage].pointee.references == 0 { dropPage(openPage) }
        let byteCount = max(pageByteCount, (recordByteCount + pageByteCount - 1) & ~(pageByteCount - 1))
        openMemory = pool.take(byteCount: byteCount)
        if let number = freeNumbers.popLast() {
            openPage = number
        } else {
            openPage = pages.end
            pages.append(.absent)
        }
        pages[openPage].pointee = Page(memory: openMemory, memoryByteCount: UInt32(byteCount))
        offset = 0
        room = byteCount
    }

    private func dropPage(_ number: Int) {
        guard let memory = pages[number].pointee.memory else { return }
        pool.give(back: memory, byteCount: Int(pages[number].pointee.memoryByteCount))
        pages[number].pointee.memory = nil
        freeNumbers.append(number)
    }
}
