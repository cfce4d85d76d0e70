import CPrefetch

/// Which pages of the page cache leave first: 2Q with distance to the log's tail. It only keeps the books, without any
/// memory of pages, disk or clock, so that the same calls always get the same answers. Used by one owner.
///
/// **2Q** (Johnson and Shasha, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB
/// 1994). A page comes into *A1in*, where it stays in the order of admission however often it is used: a page of a log
/// is used once for each of its messages, all within a moment, which says nothing about later. Pages that leave A1in
/// are remembered for a while in *A1out*, as ghosts: keys without pages. A page that comes back while its ghost is
/// there is wanted by consumers at different lags; it lives in *Am*, in the order of use. A consumer that catches up on
/// a backlog goes through A1in and leaves Am alone.
///
/// **Distance to the tail** is what JD's broker JMQ adds. Most consumers are near the tail, so of the pages that A1in
/// would lose next, the one farthest from it is missed least: it is what a catch-up has left behind, not what a
/// consumer comes back to after a hiccup. Candidates are the oldest pages of A1in; the farthest of them goes.
///
/// **The number of candidates learns**, for distance is a guess. Where a consumer follows another through a backlog,
/// the farthest page is what it needs next. So each eviction from A1in is a contest between the oldest page, which 2Q
/// would take, and the farthest. If the oldest is used before it leaves for good, distance was right, and gains a point
/// of trust; if the farthest is, it was wrong, and loses one (`EvictionClaim`). The farthest page is looked for among
/// that share of the candidates that trust is of its maximum. Without trust, all of this is plain 2Q.
///
/// Costs: `touch`, `admit`, `remove` and `evict` are O(1), and allocate only while there are more pages, or more
/// ghosts, than ever before. `victim` looks at `candidatesMax` frames of each list at most. A frame takes 32 bytes, as
/// does a ghost.
///
/// `Tests/Benchmarks/PageCacheTraces` compares it with LRU and plain 2Q, and is where the constants are from. What
/// stays hard: two consumers so far apart in a backlog that what lies between them just fills the cache. The first
/// evictions by distance then break a chain of hits, which trust learns too late; plain 2Q breaks it a little later.
package struct PageCachePolicy: ~Copyable {
    /// What A1in may have of the budget while Am wants it, in percent. The paper says 25, for databases: there, a page
    /// that comes back is of an index that everybody needs. In a log it is mostly wanted by one more consumer, and then
    /// by none.
    static let recentPercent = 90
    /// How many pages' bytes A1out remembers, in percent of the budget: the paper's.
    static let ghostPercent = 50
    /// How many frames of a list an eviction looks at. A walk over so many takes a microsecond, reading a page a
    /// hundred.
    static let candidatesMax = 256
    /// The youngest of so many pages is no candidate: what has just come in needs time to be used at all.
    static let youngestFraction = 16
    /// So many contests turn trust from all to nothing.
    static let trustMax = 32
    /// A quarter: distance has to prove itself, but can do so from the start.
    static let trustAtStart = 8

    /// What the pages may take together. If it is made smaller, the owner evicts until they fit.
    package var byteCountMax: Int {
        didSet {
            precondition(byteCountMax >= 0)
            ghosts.byteCountMax = Self.percent(Self.ghostPercent, of: byteCountMax)
        }
    }
    /// Pages that came back while their ghosts were there.
    package private(set) var ghostHits = 0
    package private(set) var evictions = 0

    private var frames: [PageCacheFrame] = []
    private var firstFree: Int32 = -1
    /// A1in and Am.
    private var recent = PageCacheList()
    private var frequent = PageCacheList()
    /// A1out.
    private var ghosts: PageCacheGhosts
    /// How far distance is trusted, from 0 to `trustMax`.
    private(set) var trust = Self.trustAtStart

    package init(byteCountMax: Int) {
        precondition(byteCountMax >= 0)
        self.byteCountMax = byteCountMax
        ghosts = PageCacheGhosts(byteCountMax: Self.percent(Self.ghostPercent, of: byteCountMax))
    }

    package var residentByteCount: Int { recent.byteCount + frequent.byteCount }

    package var isOverBudget: Bool { residentByteCount > byteCountMax }

    package func key(of frame: Int32) -> UInt64 { frames[Int(frame)].key }

    package func byteCount(of frame: Int32) -> Int { Int(frames[Int(frame)].byteCount) }

    /// A page became resident: it was begun at the tail, or is being read. It must not be resident yet.
    ///
    /// The budget is the owner's to keep: as long as `isOverBudget`, it takes a `victim` and evicts it.
    ///
    /// - Parameter place: the log address that it belongs to. Any other page has the tail of when it was made.
    /// - Returns: its frame, a small number that is its own until it is removed or evicted.
    package mutating func admit(key: UInt64, byteCount: Int, place: UInt64) -> Int32 {
        precondition(byteCount > 0)
        let number = takeFrame()
        var frame = PageCacheFrame(key: key, place: place, byteCount: UInt32(byteCount))
        if let claim = ghosts.remove(key: key) {
            ghostHits += 1
            settle(claim)
            frame.home = .frequent
            frames[Int(number)] = frame
            frequent.insertYoungest(number, in: &frames)
        } else {
            frame.home = .recent
            frames[Int(number)] = frame
            recent.insertYoungest(number, in: &frames)
        }
        return number
    }

    /// What is known of the page will be looked at soon.
    func lookAhead(_ frame: Int32) {
        frames.withUnsafeBufferPointer { harrier_prefetch($0.baseAddress?.advanced(by: Int(frame))) }
    }

    /// The page was used.
    package mutating func touch(_ frame: Int32) {
        let index = Int(frame)
        if frames[index].claim.isOpen {
            settle(frames[index].claim)
            frames[index].claim = .settled
        }
        switch frames[index].home {
        case .recent: break
        case .frequent: frequent.makeYoungest(frame, in: &frames)
        case .free: preconditionFailure("no page is in the frame")
        }
    }

    /// The page is dead: nobody will need it again. It leaves no ghost.
    package mutating func remove(_ frame: Int32) {
        let index = Int(frame)
        switch frames[index].home {
        case .recent: recent.remove(frame, in: &frames)
        case .frequent: frequent.remove(frame, in: &frames)
        case .free: preconditionFailure("no page is in the frame")
        }
        frames[index].home = .free
        frames[index].older = firstFree
        firstFree = frame
    }

    /// The page gives way. If it was in A1in, it leaves a ghost.
    package mutating func evict(_ frame: Int32) {
        let page = frames[Int(frame)]
        remove(frame)
        evictions += 1
        if page.home == .recent {
            ghosts.insert(key: page.key, byteCount: Int(page.byteCount), claim: page.claim)
        }
    }

    /// Another page gets the key of one that is gone: takes its ghost away, if there is one.
    package mutating func forget(key: UInt64) {
        _ = ghosts.remove(key: key)
    }

    /// The page to be evicted next, which stays until it is; nil if none can go.
    ///
    /// - Parameters:
    ///   - tail: where the log ends now.
    ///   - isEvictable: false for a page that has to stay: not on disk yet, being filled, read, or delivered from. Is
    ///     not asked about every page, and must not use the policy. Where all of the `candidatesMax` oldest pages of a
    ///     list have to stay, they become its youngest, and the next call sees others. So a call's cost is bounded
    ///     however many pages wait for the disk.
    package mutating func victim(tail: UInt64, isEvictable: (_ frame: Int32) -> Bool) -> Int32? {
        if recent.byteCount > Self.percent(Self.recentPercent, of: byteCountMax) {
            return recentVictim(tail: tail, isEvictable) ?? frequentVictim(isEvictable)
        }
        return frequentVictim(isEvictable) ?? recentVictim(tail: tail, isEvictable)
    }

    // MARK: Choosing

    private mutating func frequentVictim(_ isEvictable: (_ frame: Int32) -> Bool) -> Int32? {
        var number = frequent.oldest
        for _ in 0..<min(frequent.count, Self.candidatesMax) {
            if isEvictable(number) { return number }
            number = frames[Int(number)].younger
        }
        frequent.makeOldestYoungest(count: min(frequent.count, Self.candidatesMax), in: &frames)
        return nil
    }

    private mutating func recentVictim(tail: UInt64, _ isEvictable: (_ frame: Int32) -> Bool) -> Int32? {
        let candidateCount = min(recent.count - recent.count / Self.youngestFraction, Self.candidatesMax)
        let trustedCount = candidateCount * trust / Self.trustMax
        var oldest: Int32 = -1
        var farthest: Int32 = -1
        var farthestTrusted: Int32 = -1
        var distanceMax: UInt64 = 0
        var number = recent.oldest
        var position = 0
        while number >= 0, position < (oldest < 0 ? Self.candidatesMax : candidateCount) {
            let frame = frames[Int(number)]
            let distance = tail > frame.place ? tail - frame.place : 0
            if oldest < 0 || distance > distanceMax, isEvictable(number) {
                distanceMax = distance
                farthest = number
                if oldest < 0 { oldest = number }
                if number == oldest || position < trustedCount { farthestTrusted = number }
            }
            position += 1
            number = frame.younger
        }
        guard oldest >= 0 else {
            recent.makeOldestYoungest(count: position, in: &frames)
            return nil
        }
        if oldest != farthest {
            frames[Int(oldest)].claim.become(.oldest)
            frames[Int(farthest)].claim.become(.farthest)
        }
        return farthestTrusted
    }

    private mutating func settle(_ claim: EvictionClaim) {
        trust = min(Self.trustMax, max(0, trust + claim.trustWhenUsed))
    }

    /// Cannot overflow, as `percent` is at most 100.
    private static func percent(_ percent: Int, of byteCount: Int) -> Int {
        byteCount / 100 * percent + byteCount % 100 * percent / 100
    }

    private mutating func takeFrame() -> Int32 {
        guard firstFree >= 0 else {
            frames.append(PageCacheFrame())
            return Int32(frames.count - 1)
        }
        let number = firstFree
        firstFree = frames[Int(number)].older
        return number
    }
}
