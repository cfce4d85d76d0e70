/// What is in memory of log, transient log and indexes: one budget in bytes for all of them, and one rule for what goes
/// when it is used up (`PageCachePolicy`). Owned by the core.
///
/// Pages leave in `trim` only, between bursts: what was looked up in a burst stays where it is until the burst ends.
/// Pages that the disk does not have yet can't leave; whoever appends sees to it that there are not too many of them
/// (`SegmentLog.isSaturated`).
public final class PageCache {
    /// The smallest budget that makes sense: some pages for the log's end and some for readers.
    public static let byteCountMin = 16 << 20

    // Unchecked: one owner, and no call lets foreign code run while a property is being changed.
    @exclusivity(unchecked) private var policy: PageCachePolicy
    @exclusivity(unchecked) private var lastTouched: Int32 = -1
    /// The one before: a queue's messages are found by turns on a page of its index and on one of a log.
    @exclusivity(unchecked) private var touchedBefore: Int32 = -1
    @exclusivity(unchecked) private var hits = 0
    private var misses = 0
    /// Of each frame: the policy must not be asked while it looks for a victim.
    private var keys: [PageKey] = []
    /// The log's end, as of the last `trim`: the place of what is made now.
    private(set) var tail: UInt64 = 0
    /// Bytes of pages that are being written so that they can leave.
    private var leavingByteCount = 0
    private var waiters: [PageKey: [any PageWaiter]] = [:]
    // Not weak: that would give each of them a side table, which makes every reference to it slow. They unregister before
    // they go.
    private unowned(unsafe) var logOwner: (any PageOwner)?
    private unowned(unsafe) var transientOwner: (any PageOwner)?
    private unowned(unsafe) var indexOwner: (any PageOwner)?

    public let jobs: DiskJobs

    public init(byteCountMax: Int, jobs: DiskJobs) {
        policy = PageCachePolicy(byteCountMax: byteCountMax)
        self.jobs = jobs
    }

    public var byteCountMax: Int { policy.byteCountMax }

    /// Pages of that kind belong to `owner` from now on; nil before it goes.
    func register(_ owner: (any PageOwner)?, for kind: PageKey.Kind) {
        switch kind {
        case .log: logOwner = owner
        case .transient: transientOwner = owner
        case .index: indexOwner = owner
        }
    }

    public var statistics: PageCacheStatistics {
        PageCacheStatistics(
            byteCountMax: policy.byteCountMax, residentBytes: policy.residentByteCount, hits: hits, misses: misses,
            ghostHits: policy.ghostHits, evictions: policy.evictions)
    }

    // MARK: Pages

    /// The page is in memory from now on: it was begun, or has been read.
    ///
    /// - Parameter place: the position in the log that the page belongs to: the farther from the log's end, the sooner
    ///   it goes.
    /// - Returns: its frame, which names it until `remove` or its owner's `evict`.
    func admit(_ key: PageKey, byteCount: Int, place: UInt64) -> Int32 {
        let frame = policy.admit(key: key.rawValue, byteCount: byteCount, place: place)
        while keys.count <= Int(frame) { keys.append(key) }
        keys[Int(frame)] = key
        return frame
    }

    /// The page will be used soon (`PagedIndex.lookAhead`).
    func lookAhead(_ frame: Int32) { policy.lookAhead(frame) }

    /// The page is used. Of uses in a row, or by turns with those of one other page, one counts.
    @inline(__always)
    func touch(_ frame: Int32) {
        guard frame != lastTouched, frame != touchedBefore else { return }
        touchedBefore = lastTouched
        lastTouched = frame
        hits += 1
        policy.touch(frame)
    }

    private func forgetTouch(_ frame: Int32) {
        if frame == lastTouched { lastTouched = -1 }
        if frame == touchedBefore { touchedBefore = -1 }
    }

    /// Nothing on the page is needed any more.
    func remove(_ frame: Int32) {
        forgetTouch(frame)
        policy.remove(frame)
    }

    /// Nothing on a page is needed any more that is not in memory: its key may name another one.
    func forget(_ key: PageKey) { policy.forget(key: key.rawValue) }

    /// Brings what is in memory down to the budget, as far as the disk has it. Between bursts only.
    ///
    /// - Parameter tail: the log's end.
    public func trim(tail: LogPosition) {
        self.tail = tail.rawValue
        while policy.residentByteCount - leavingByteCount > policy.byteCountMax {
            let victim = policy.victim(tail: tail.rawValue) { frame in
                let key = keys[Int(frame)]
                return owner(of: key)?.canEvict(key) ?? false
            }
            guard let frame = victim else { return }
            let key = keys[Int(frame)]
            let byteCount = policy.byteCount(of: frame)
            if owner(of: key)?.evict(key) == true {
                forgetTouch(frame)
                policy.evict(frame)
            } else {
                leavingByteCount += byteCount
            }
        }
    }

    /// A write that `evict` began has ended.
    func hasLeft(byteCount: Int) {
        leavingByteCount -= byteCount
    }

    private func owner(of key: PageKey) -> (any PageOwner)? {
        switch key.kind {
        case .log: logOwner
        case .transient: transientOwner
        case .index: indexOwner
        }
    }

    // MARK: Waiting for pages

    /// Tells `waiter` when the page is there.
    ///
    /// - Returns: whether it is the first to wait, so that the page has to be asked for.
    func wait(for key: PageKey, _ waiter: any PageWaiter) -> Bool {
        guard let others = waiters[key] else {
            misses += 1
            waiters[key] = [waiter]
            return true
        }
        if !others.contains(where: { $0 === waiter }) { waiters[key] = others + [waiter] }
        return false
    }

    /// Reads a page ahead: nobody waits for it yet.
    ///
    /// - Returns: whether it has to be asked for.
    func expect(_ key: PageKey) -> Bool {
        guard waiters[key] == nil else { return false }
        misses += 1
        waiters[key] = []
        return true
    }

    /// The page is there, or can't be had.
    func arrived(_ key: PageKey) {
        for waiter in waiters.removeValue(forKey: key) ?? [] { waiter.pageArrived() }
    }
}
