// Where space comes back: dead segments go, and segments that are mostly dead are emptied.

extension SegmentLog {
    // MARK: Dead segments

    /// The last reference into a segment has gone.
    @inline(never)
    func segmentDied(_ segment: UnsafeMutablePointer<Segment>) {
        segment.pointee.deadSince = tailEnd
        if segment.pointee.number != geometry.segmentNumber(of: tailEnd) { noteDead(segment.pointee.number) }
    }

    /// The log goes on in another segment.
    func segmentEnded(_ segment: UnsafeMutablePointer<Segment>) {
        if segment.pointee.isDead { noteDead(segment.pointee.number) }
    }

    private func noteDead(_ number: Int) {
        guard !deadNumbers.contains(number) else { return }
        let index = deadNumbers.firstIndex { $0 > number } ?? deadNumbers.endIndex
        deadNumbers.insert(number, at: index)
    }

    /// Forgets segments that nothing needs, and returns their bases, oldest first.
    func takeDeadSegments() -> [UInt64] {
        guard hasFinishedRecovery, !deadNumbers.isEmpty else { return [] }
        var bases: [UInt64] = []
        var kept: [Int] = []
        for number in deadNumbers {
            guard let segment = segments[number], segment.pointee.isDead else { continue }
            let end = segment.pointee.base + geometry.segmentByteCount
            guard writtenEnd >= end, durableEnd >= segment.pointee.deadSince else {
                // Nobody else may be waiting for the sync that gives the space back.
                isSyncPending = isSyncPending || syncedByHandedEnd < segment.pointee.deadSince
                kept.append(number)
                continue
            }
            // What its records settle must be gone first, or told anew: a start without a checkpoint would bring it back.
            guard !mustWait(forSegments: segment.pointee.oldestSettled..<number) else {
                kept.append(number)
                continue
            }
            guard !isHeldByCheckpoint(segment.pointee) else {
                kept.append(number)
                continue
            }
            remove(segment)
            bases.append(geometry.segmentBase(number: number))
        }
        deadNumbers = kept
        counts.segmentsDeleted += bases.count
        return bases
    }

    /// Whether segments that nothing needs are still there: the next checkpoint may let them go.
    public var hasDeadSegments: Bool { !deadNumbers.isEmpty }

    /// Whether a segment in the range is still there. If one is that will stay, the owner is asked to carry.
    private func mustWait(forSegments range: Range<Int>) -> Bool {
        var stays = false
        var isThere = false
        for number in range {
            guard let segment = segments[number] else { continue }
            isThere = true
            if !segment.pointee.isDead { stays = true }
        }
        if stays, !numbersToCarry.contains(range.upperBound) { numbersToCarry.append(range.upperBound) }
        return isThere
    }

    /// By how much the log may have outgrown a checkpoint before this one is given up rather than segments kept for it.
    private static let checkpointAgeMaxInSegments: UInt64 = 4

    /// A start from a checkpoint reads what is behind it, so what is settled there must be found there: a segment that
    /// settles something the checkpoint holds stays until the next checkpoint is on disk. It is one for each checkpoint,
    /// as a rule. Without new checkpoints (the disk may not take them), the old one goes, and the segments after it.
    private func isHeldByCheckpoint(_ segment: Segment) -> Bool {
        let ageMax = Self.checkpointAgeMaxInSegments * geometry.segmentByteCount
        if isNeeded(segment, from: writingCheckpointEnd) { return true }
        if isNeeded(segment, from: pendingCheckpointEnd) {
            guard tailEnd - pendingCheckpointEnd > ageMax else { return true }
            pendingCheckpointEnd = 0
        }
        if isNeeded(segment, from: checkpointEnd) {
            guard tailEnd - checkpointEnd > ageMax else { return true }
            checkpointEnd = 0
            isCheckpointOutdated = true
        }
        return false
    }

    private func isNeeded(_ segment: Segment, from checkpointEnd: UInt64) -> Bool {
        guard checkpointEnd > 0 else { return false }
        let last = geometry.segmentNumber(of: checkpointEnd - 1)
        return segment.number >= last && segment.oldestSettled <= last
    }

    private func remove(_ segment: UnsafeMutablePointer<Segment>) {
        let number = segment.pointee.number
        for index in 0..<pagesPerSegment { dropPage(&segment.pointee.pages[index]) }
        if emptiedNumber == number { emptiedNumber = -1 }
        segments.remove(number)
    }

    // MARK: Carrying settles

    /// Says that the record appended last settles something at `position`.
    ///
    /// - Returns: the number of the record's segment, if that is another one.
    @inline(__always)
    public func noteSettled(_ position: LogPosition) -> Int? {
        let number = geometry.segmentNumber(of: position.rawValue)
        guard let last = segments[geometry.segmentNumber(of: tailEnd - 1)], number < last.pointee.number else {
            return nil
        }
        let oldest = max(number, segments.numbers.lowerBound)
        last.pointee.oldestSettled = min(last.pointee.oldestSettled, oldest)
        return last.pointee.number
    }

    /// Whether the segment that holds a position is there.
    public func hasSegment(of position: LogPosition) -> Bool {
        segments[geometry.segmentNumber(of: position.rawValue)] != nil
    }

    public func hasSegments(in numbers: Range<Int>) -> Bool {
        numbers.contains { segments[$0] != nil }
    }

    public func segmentNumber(of position: LogPosition) -> Int { geometry.segmentNumber(of: position.rawValue) }

    /// Dead segments with records that settle something in older ones which stay. The owner appends what these records
    /// said anew, and then calls `hasCarried` for each.
    public func takeSegmentsToCarry() -> [Int] {
        guard !numbersToCarry.isEmpty else { return [] }
        let numbers = numbersToCarry.filter { segments[$0] != nil }
        numbersToCarry = []
        return numbers
    }

    /// Says that the record appended last repeats some of what that segment's records settle elsewhere.
    ///
    /// - Returns: the number of the record's segment.
    @discardableResult
    public func noteCarried(from number: Int) -> Int? {
        guard let segment = segments[number], let last = segments[geometry.segmentNumber(of: tailEnd - 1)] else {
            return nil
        }
        last.pointee.oldestSettled = min(last.pointee.oldestSettled, segment.pointee.oldestSettled)
        return last.pointee.number
    }

    /// What the segment's records settle elsewhere has been appended anew, in records that `noteCarried` was called for,
    /// or in one right before this call.
    ///
    /// - Returns: the number of the segment that has it now.
    @discardableResult
    public func hasCarried(_ number: Int) -> Int? {
        let last = noteCarried(from: number)
        segments[number]?.pointee.oldestSettled = number
        segments[number]?.pointee.deadSince = tailEnd
        return last
    }

    /// Whether the checkpoint that a start would use has all that the segment's records say.
    public func isInCheckpoint(segment number: Int) -> Bool {
        checkpointEnd >= geometry.segmentBase(number: number) + geometry.segmentByteCount
    }

    // MARK: Emptying segments

    /// The page whose live records the owner should move next, `nil` if nothing needs to be moved. If it is not in memory
    /// it is asked for, and `waiter` hears of it.
    ///
    /// The segment with the least alive goes first. It has less alive than the average, which is below 10/18 when there is
    /// something to do at all: at most 1.25 bytes are moved for each byte that is freed.
    public func pageToMove(for waiter: any PageWaiter) -> Int? {
        if emptiedNumber < 0 { chooseSegmentToEmpty() }
        guard emptiedNumber >= 0, let segment = segments[emptiedNumber] else { return nil }
        while emptiedPage < pagesPerSegment {
            let page = segment.pointee.pages + emptiedPage
            if page.pointee.references > 0, !page.pointee.hasFailed {
                let number = emptiedNumber * pagesPerSegment + emptiedPage
                let position = LogPosition(rawValue: geometry.pageBase(number: number))
                guard page.pointee.frame >= 0 else {
                    fetch(position, for: waiter)
                    readAheadForMoving(segment)
                    return nil
                }
                return number
            }
            emptiedPage += 1
        }
        // Whatever is left could not be moved.
        if !segment.pointee.isDead { segment.pointee.isImmovable = true }
        emptiedNumber = -1
        return nil
    }

    /// Whether a segment is being emptied.
    public var isEmptyingSegment: Bool { emptiedNumber >= 0 }

    /// Whether `pageToMove` has asked for a page that is not there yet.
    public var isFetchingPageToMove: Bool {
        guard emptiedNumber >= 0, emptiedPage < pagesPerSegment, let segment = segments[emptiedNumber] else {
            return false
        }
        return segment.pointee.pages[emptiedPage].isLoading
    }

    private func readAheadForMoving(_ segment: UnsafeMutablePointer<Segment>) {
        var ahead = 0
        var index = emptiedPage + 1
        while ahead < 2, index < pagesPerSegment {
            let number = segment.pointee.number * pagesPerSegment + index
            if segment.pointee.pages[index].references > 0 {
                prefetch(LogPosition(rawValue: geometry.pageBase(number: number)))
                ahead += 1
            }
            index += 1
        }
    }

    /// The promise: files take no more than twice the live bytes, and two segments.
    ///
    /// The two are the one that is being filled and the next. One more is on its way out as a rule, being emptied or waiting
    /// for a checkpoint, and should be gone when the next is made: it counts as if it were there beside it. Segments that
    /// are half alive or more stay: if all are, the promise holds, and each byte that is copied frees one at least.
    private func chooseSegmentToEmpty() {
        let size = Int(geometry.segmentByteCount)
        // Right after its end much of a segment is about to be settled anyway.
        guard Int(tailEnd & (geometry.segmentByteCount - 1)) >= size / 16, segments.count * size > 2 * liveByteCount
        else {
            return
        }
        var least = size / 2
        let tailNumber = geometry.segmentNumber(of: tailEnd)
        for number in segments.numbers where number < tailNumber {
            guard let segment = segments[number]?.pointee, !segment.isDead, !segment.isImmovable,
                segment.liveByteCount < least, segment.base + geometry.segmentByteCount <= writtenEnd
            else { continue }
            least = segment.liveByteCount
            emptiedNumber = number
            emptiedPage = 0
        }
    }

    /// Hands the records of a page that `pageToMove` named to `body`, all at once; it appends those that are alive anew and
    /// releases their old positions.
    ///
    /// Most of the page is dead as a rule, and to find that out is what this costs: checksums are looked at only where the
    /// page has been read from disk, where a damaged length would hide what follows.
    ///
    /// - Parameter isWanted: whether `body` wants a record.
    public func moveRecords(ofPage number: Int, where isWanted: (Record) -> Bool, _ body: ([Record]) -> Void) {
        let base = geometry.pageBase(number: number)
        guard let page = page(of: base), let memory = page.pointee.memory else { return }
        movingPage = number
        var records: [Record] = []
        var offset = geometry.segmentBase(of: base) == base ? SegmentHeader.byteCount : 0
        let byteCount = Int(page.pointee.isFromDisk ? page.pointee.memoryByteCount : page.pointee.usedByteCount)
        while offset + RecordHeader.byteCount <= byteCount {
            let position = base + UInt64(offset)
            let (mark, left) = (geometry.mark(at: position), byteCount - offset)
            let header =
                page.pointee.isFromDisk
                ? RecordHeader.valid(at: memory + offset, byteCountMax: left, mark: mark)
                : RecordHeader.plausible(at: memory + offset, byteCountMax: left, mark: mark)
            guard let header else {
                offset += 8
                continue
            }
            let record = Record(
                kind: header.kind, flags: header.flags, position: LogPosition(rawValue: position),
                payload: UnsafeRawBufferPointer(
                    start: memory + offset + RecordHeader.byteCount, count: header.payloadByteCount))
            if isWanted(record) { records.append(record) }
            offset += LogGeometry.recordByteCount(payloadByteCount: header.payloadByteCount)
        }
        body(records)
        movingPage = -1
        dropPageIfDone(page, number: number)
    }

    /// The page's records have been moved, but for those that can't be.
    public func hasMovedRecords(ofPage number: Int) {
        emptiedPage = number % pagesPerSegment + 1
        counts.pagesMoved += 1
    }

    /// The record that was at `old` is at `new` now, where `share` is what each of its references has. `names` owners know it by its old position; each of them will use
    /// that once more, to release it.
    public func forward(_ old: LogPosition, to new: LogPosition, share: Int, names: Int) {
        guard names > 0 else { return }
        forwardedCount += 1
        forwarded[old.rawValue] = Forwarding(position: new.rawValue, share: share, names: names)
    }
}
