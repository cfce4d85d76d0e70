// Pages: the one that is being filled, and those that are read back.

extension SegmentLog {
    /// Closes the open page, and opens one that the record fits in.
    @inline(never)
    func makeRoom(recordByteCount: Int) {
        precondition(hasFinishedRecovery && !isClosed, "append before finishRecovery or after close")
        let payloadByteCount = recordByteCount - RecordHeader.byteCount
        precondition(payloadByteCount <= (payloadByteCountMax + 7) & ~7, "payload over payloadByteCountMax")
        let position = geometry.placement(after: tailEnd, recordByteCount: recordByteCount)
        endPage()
        let number = geometry.segmentNumber(of: position)
        if let last = segments[geometry.segmentNumber(of: tailEnd - (tailEnd > 0 ? 1 : 0))],
            last.pointee.number < number
        {
            segmentEnded(last)
            recordsBeforeSegment = counts.recordsAppended
        }
        tailEnd = position
        let pageByteCount = Int(geometry.pageByteCount)
        let memoryByteCount = (max(recordByteCount, pageByteCount) + pageByteCount - 1) & ~(pageByteCount - 1)
        let segment = segments.insert(number)
        let page = segment.pointee.pages + geometry.pageIndexInSegment(of: position)
        page.pointee = .absent
        page.pointee.memory = pool.take(byteCount: memoryByteCount)
        page.pointee.memoryByteCount = UInt32(memoryByteCount)
        admit(page, number: geometry.pageNumber(of: position))
        beginPage(at: position)
    }

    func beginPage(at position: UInt64) {
        guard let segment = segments[geometry.segmentNumber(of: position)] else { return }
        let page = segment.pointee.pages + geometry.pageIndexInSegment(of: position)
        guard let memory = page.pointee.memory else { return }
        let offset = geometry.offsetInPage(position)
        openPage = OpenPage(
            address: memory + offset, room: Int(page.pointee.memoryByteCount) - offset,
            number: geometry.pageNumber(of: position), page: page, segment: segment)
    }

    func endPage() {
        let number = openPage.number
        guard number >= 0 else { return }
        let page = openPage.page
        page.pointee.usedByteCount = UInt32(tailEnd - geometry.pageBase(number: number))
        openPage = .none
        dropPageIfDone(page, number: number)
    }

    /// A large record has its last page to itself.
    func closeLargeRecord(at position: UInt64, recordByteCount: Int) {
        endPage()
        tailEnd = geometry.end(ofRecordAt: position, recordByteCount: recordByteCount)
    }

    private func admit(_ page: UnsafeMutablePointer<Page>, number: Int) {
        page.pointee.frame = cache.admit(
            PageKey(.log, UInt64(number)), byteCount: Int(page.pointee.memoryByteCount),
            place: geometry.pageBase(number: number))
    }

    /// Whether nothing is appended to the page any more, and the disk has it whole.
    private func isWritten(_ page: UnsafeMutablePointer<Page>, number: Int) -> Bool {
        number != openPage.number
            && geometry.pageBase(number: number) + UInt64(page.pointee.usedByteCount) <= writtenEnd
    }

    /// Gives a page's memory back if nothing refers into it, and the disk has it whole.
    func dropPageIfDone(_ page: UnsafeMutablePointer<Page>, number: Int) {
        guard page.pointee.references == 0, page.pointee.memory != nil, !page.pointee.isLoading, number != movingPage,
            isWritten(page, number: number)
        else { return }
        dropPage(&page.pointee)
    }

    func dropPage(_ page: inout Page) {
        guard let memory = page.memory else { return }
        if page.frame >= 0 { cache.remove(page.frame) }
        page.frame = -1
        pool.give(back: memory, byteCount: Int(page.memoryByteCount))
        page.memory = nil
    }

    // MARK: Reading back

    /// Brings the page of a record that holds a reference into memory, and tells `waiter`.
    public func fetch(_ position: LogPosition, for waiter: any PageWaiter) {
        let position = followed(position)
        guard let page = page(of: position.rawValue) else { return waiter.pageArrived() }
        let number = geometry.pageNumber(of: position.rawValue)
        if cache.wait(for: PageKey(.log, UInt64(number)), waiter) { read(page, number: number) }
    }

    /// Reads a record's page ahead, unless it is in memory or on its way.
    ///
    /// - Returns: whether it is now on its way.
    @discardableResult
    public func prefetch(_ position: LogPosition) -> Bool {
        guard let page = page(of: position.rawValue), page.pointee.memory == nil, !page.pointee.hasFailed else {
            return false
        }
        let number = geometry.pageNumber(of: position.rawValue)
        if cache.expect(PageKey(.log, UInt64(number))) { read(page, number: number) }
        return true
    }

    /// Names the page of a position, to tell pages apart.
    public func pageNumber(of position: LogPosition) -> Int { geometry.pageNumber(of: position.rawValue) }

    private func read(_ page: UnsafeMutablePointer<Page>, number: Int) {
        precondition(page.pointee.memory == nil && !page.pointee.isLoading)
        let pageByteCount = Int(geometry.pageByteCount)
        page.pointee.isLoading = true
        counts.pagesRead += 1
        let memory = DiskJobs.Value(memory: pool.take(byteCount: pageByteCount), byteCount: pageByteCount)
        let reader = PageReader(directory: directory, geometry: geometry, disk: disk)
        let base = geometry.pageBase(number: number)
        cache.jobs.start(.read, { reader.read(pageAt: base, into: memory) }) { [unowned self] outcome in
            self.hasRead(number, memory, outcome)
        }
    }

    private func hasRead(_ number: Int, _ offered: DiskJobs.Value, _ outcome: DiskJobs.Outcome) {
        let key = PageKey(.log, UInt64(number))
        defer { cache.arrived(key) }
        let result = try? outcome.get()
        if let memory = offered.memory, result?.memory != memory {
            // Not used: the read failed, or it was a large record, which came in memory of its own.
            pool.give(back: memory, byteCount: offered.byteCount)
        }
        if let result, result.memory != offered.memory { pool.adopt(byteCount: result.byteCount) }
        guard let page = page(of: geometry.pageBase(number: number)) else {
            // The segment has gone meanwhile.
            if let memory = result?.memory { pool.give(back: memory, byteCount: result?.byteCount ?? 0) }
            return
        }
        page.pointee.isLoading = false
        guard let result, let memory = result.memory else {
            page.pointee.hasFailed = true
            counts.readFailures += 1
            lostRecords.append(place(of: LogPosition(rawValue: geometry.pageBase(number: number))))
            return
        }
        page.pointee.memory = memory
        page.pointee.memoryByteCount = UInt32(result.byteCount)
        page.pointee.isFromDisk = true
        if page.pointee.references == 0 {
            dropPage(&page.pointee)
        } else {
            admit(page, number: number)
        }
    }

    /// A record that should be there is not, or is damaged.
    func reportLost(_ position: LogPosition) -> PayloadAccess {
        counts.readFailures += 1
        lostRecords.append(place(of: position))
        return .lost
    }

    /// Where a position is, for people.
    public func place(of position: LogPosition) -> RecoveryReport.Damage {
        let base = geometry.segmentBase(of: position.rawValue)
        return RecoveryReport.Damage(
            file: "\(directory)/\(geometry.segmentFileName(base: base))", offset: Int(position.rawValue - base),
            byteCount: RecordHeader.byteCount)
    }
}

extension SegmentLog: PageOwner {
    func canEvict(_ key: PageKey) -> Bool {
        let number = Int(key.number)
        guard let page = page(of: geometry.pageBase(number: number)) else { return false }
        return number != movingPage && isWritten(page, number: number)
    }

    func evict(_ key: PageKey) -> Bool {
        guard let page = page(of: geometry.pageBase(number: Int(key.number))), let memory = page.pointee.memory else {
            return true
        }
        pool.give(back: memory, byteCount: Int(page.pointee.memoryByteCount))
        page.pointee.memory = nil
        page.pointee.frame = -1
        return true
    }
}
