/// The sibling of `SegmentLog` for messages that need not outlive the process: pages in memory, which go to a side file
/// only when the page cache needs their room. What is settled before that never reaches the disk.
///
/// Used by one owner, the core. Positions mean something only while the record holds references; a page's place is used
/// again once nothing in it does, so they say nothing about order.
public final class TransientLog {
    /// The payload's length, in eight bytes.
    private static let headerByteCount = 8
    static let fileName = "transient.pages"

    private let pageByteCount: Int
    private let pageShift: Int
    private let cache: PageCache
    private let file: PageFile
    // Unchecked: as in `SegmentLog`.
    @exclusivity(unchecked) private var pages: SlidingTable<TransientPage>
    @exclusivity(unchecked) private var pool: PagePool
    /// Numbers of pages that are not in use.
    private var freeNumbers: [Int] = []

    // The open page; number 0 is never used, so that no record is at position 0.
    @exclusivity(unchecked) private var openPage = 0
    @exclusivity(unchecked) private var openMemory = UnsafeMutableRawPointer(bitPattern: 8).unsafelyUnwrapped
    @exclusivity(unchecked) private var offset = 0
    @exclusivity(unchecked) private var room = 0

    /// - Parameters:
    ///   - directory: for the side file, which is emptied.
    ///   - pageByteCount: a power of two. One record that stays keeps so much memory.
    ///   - sparePagesMax: how many free pages are kept for reuse.
    public init(
        directory: String, cache: PageCache, disk: any Disk = FileDisk(), pageByteCount: Int = 64 << 10,
        sparePagesMax: Int = 16
    ) throws(StorageError) {
        precondition(pageByteCount.nonzeroBitCount == 1 && pageByteCount >= LogGeometry.pageByteCountMin)
        self.pageByteCount = pageByteCount
        self.cache = cache
        pageShift = pageByteCount.trailingZeroBitCount
        pages = SlidingTable(first: 1)
        pool = PagePool(pageByteCount: pageByteCount, sparePagesMax: sparePagesMax)
        file = try PageFile(
            disk: disk, directory: directory, name: Self.fileName, slotByteCount: pageByteCount, keepsContent: false)
        cache.register(self, for: .transient)
    }

    deinit {
        cache.register(nil, for: .transient)
        for number in pages.first..<pages.end {
            guard let memory = pages[number].pointee.memory else { continue }
            pool.give(back: memory, byteCount: Int(pages[number].pointee.byteCount))
        }
    }

    /// Memory of pages, spare ones included.
    public var residentBytes: Int { pool.residentByteCount }
    /// What the side file takes.
    public var diskBytes: Int { file.byteCount }

    // MARK: Records

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

    /// The payload of a record that holds a reference.
    @inline(__always)
    public func access(_ position: LogPosition) -> PayloadAccess {
        let page = pages[Int(position.rawValue) >> pageShift]
        guard let memory = page.pointee.memory, page.pointee.frame >= 0 else {
            return page.pointee.hasFailed ? .lost : .away
        }
        cache.touch(page.pointee.frame)
        let address = UnsafeRawPointer(memory + Int(position.rawValue) & (pageByteCount - 1))
        let payloadCount = Int(address.load(as: UInt64.self))
        return .here(UnsafeRawBufferPointer(start: address + Self.headerByteCount, count: payloadCount))
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

    // MARK: Pages

    @inline(never)
    private func makeRoom(recordByteCount: Int) {
        if openPage != 0, pages[openPage].pointee.references == 0 { dropPage(openPage) }
        let byteCount = max(pageByteCount, (recordByteCount + pageByteCount - 1) & ~(pageByteCount - 1))
        openMemory = pool.take(byteCount: byteCount)
        if let number = freeNumbers.popLast() {
            openPage = number
        } else {
            openPage = pages.end
            pages.append(.unused)
        }
        let frame = cache.admit(PageKey(.transient, UInt64(openPage)), byteCount: byteCount, place: cache.tail)
        pages[openPage].pointee = TransientPage(memory: openMemory, byteCount: UInt32(byteCount), frame: frame)
        offset = 0
        room = byteCount
    }

    /// Nothing in it is needed any more.
    private func dropPage(_ number: Int) {
        let page = pages[number]
        guard page.pointee.byteCount > 0, !page.pointee.isBusy else { return }
        if page.pointee.frame >= 0 {
            cache.remove(page.pointee.frame)
        } else {
            cache.forget(PageKey(.transient, UInt64(number)))
        }
        giveBackMemory(of: page)
        if page.pointee.slot >= 0 { file.free(page.pointee.slot, count: slotCount(of: page)) }
        page.pointee = .unused
        if number == openPage { openPage = 0 }
        freeNumbers.append(number)
    }

    private func giveBackMemory(of page: UnsafeMutablePointer<TransientPage>) {
        page.pointee.frame = -1
        guard let memory = page.pointee.memory else { return }
        pool.give(back: memory, byteCount: Int(page.pointee.byteCount))
        page.pointee.memory = nil
    }

    private func slotCount(of page: UnsafeMutablePointer<TransientPage>) -> Int {
        Int(page.pointee.byteCount) / pageByteCount
    }

    // MARK: Reading back

    /// Brings a record's page into memory.
    public func fetch(_ position: LogPosition, for waiter: any PageWaiter) {
        let number = Int(position.rawValue) >> pageShift
        if cache.wait(for: PageKey(.transient, UInt64(number)), waiter) { read(number) }
    }

    private func read(_ number: Int) {
        let page = pages[number]
        let key = PageKey(.transient, UInt64(number))
        precondition(page.pointee.frame < 0 && page.pointee.slot >= 0 && !page.pointee.isBusy)
        let byteCount = Int(page.pointee.byteCount)
        let memory = pool.take(byteCount: byteCount)
        page.pointee.memory = memory
        page.pointee.isBusy = true
        cache.jobs.start(.read, file.readJob(into: memory, byteCount: byteCount, slot: page.pointee.slot)) {
            [unowned self] outcome in self.hasRead(number, key, outcome)
        }
    }

    private func hasRead(_ number: Int, _ key: PageKey, _ outcome: DiskJobs.Outcome) {
        let page = pages[number]
        page.pointee.isBusy = false
        if page.pointee.references == 0 {
            dropPage(number)
        } else if case .success = outcome {
            page.pointee.frame = cache.admit(key, byteCount: Int(page.pointee.byteCount), place: cache.tail)
        } else {
            page.pointee.hasFailed = true
            giveBackMemory(of: page)
        }
        cache.arrived(key)
    }
}

extension TransientLog: PageOwner {
    func canEvict(_ key: PageKey) -> Bool {
        let page = pages[Int(key.number)]
        return Int(key.number) != openPage && !page.pointee.isBusy && !page.pointee.hasFailed
    }

    func evict(_ key: PageKey) -> Bool {
        let number = Int(key.number)
        let page = pages[number]
        // What a page holds never changes, so one that is in the file already need not be written again.
        if page.pointee.slot >= 0 {
            giveBackMemory(of: page)
            return true
        }
        guard let memory = page.pointee.memory else { return true }
        let byteCount = Int(page.pointee.byteCount)
        let slot = file.allocate(count: slotCount(of: page))
        page.pointee.isBusy = true
        cache.jobs.start(.write, file.writeJob(memory, byteCount: byteCount, slot: slot)) { [unowned self] outcome in
            self.hasWritten(number, slot: slot, outcome)
        }
        return false
    }

    private func hasWritten(_ number: Int, slot: Int32, _ outcome: DiskJobs.Outcome) {
        let page = pages[number]
        page.pointee.isBusy = false
        cache.hasLeft(byteCount: Int(page.pointee.byteCount))
        if case .success = outcome {
            page.pointee.slot = slot
        } else {
            // The disk is full, say: the page stays in memory for good.
            file.free(slot, count: slotCount(of: page))
            page.pointee.hasFailed = true
        }
        if page.pointee.references == 0 { dropPage(number) }
    }
}
