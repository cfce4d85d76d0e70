@testable import SegmentLog

/// What `PageCachePolicy` does, in arrays, with searches instead of links. Pages are named by their keys.
struct NaivePageCachePolicy {
    struct Page: Equatable {
        let key: UInt64
        let byteCount: Int
        let place: UInt64
        var verdict = 0
        var hasSpoken = false
    }

    var byteCountMax: Int {
        didSet { trimGhosts() }
    }
    /// Oldest first, as all of them.
    private(set) var recent: [Page] = []
    private(set) var frequent: [Page] = []
    private(set) var ghosts: [Page] = []
    private(set) var trust = PageCachePolicy.trustAtStart
    private(set) var ghostHits = 0

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    var residentByteCount: Int { (recent + frequent).reduce(0) { $0 + $1.byteCount } }

    mutating func admit(key: UInt64, byteCount: Int, place: UInt64) {
        let page = Page(key: key, byteCount: byteCount, place: place)
        if let index = ghosts.firstIndex(where: { $0.key == key }) {
            ghostHits += 1
            learn(ghosts.remove(at: index))
            frequent.append(page)
        } else {
            recent.append(page)
        }
    }

    mutating func touch(_ key: UInt64) {
        if let index = recent.firstIndex(where: { $0.key == key }) {
            guard recent[index].verdict != 0 else { return }
            learn(recent[index])
            recent[index].verdict = 0
            recent[index].hasSpoken = true
        } else if let index = frequent.firstIndex(where: { $0.key == key }) {
            frequent.append(frequent.remove(at: index))
        }
    }

    mutating func remove(_ key: UInt64) {
        recent.removeAll { $0.key == key }
        frequent.removeAll { $0.key == key }
    }

    mutating func evict(_ key: UInt64) {
        let page = recent.first { $0.key == key }
        remove(key)
        guard let page else { return }
        ghosts.append(page)
        trimGhosts()
    }

    mutating func forget(_ key: UInt64) {
        ghosts.removeAll { $0.key == key }
    }

    mutating func victim(tail: UInt64, isEvictable: (UInt64) -> Bool) -> UInt64? {
        let recentByteCount = recent.reduce(0) { $0 + $1.byteCount }
        if recentByteCount > byteCountMax * PageCachePolicy.recentPercent / 100 {
            return recentVictim(tail, isEvictable) ?? frequentVictim(isEvictable)
        }
        return frequentVictim(isEvictable) ?? recentVictim(tail, isEvictable)
    }

    private mutating func frequentVictim(_ isEvictable: (UInt64) -> Bool) -> UInt64? {
        let page = frequent.prefix(PageCachePolicy.candidatesMax).first { isEvictable($0.key) }
        if page == nil { Self.rotate(&frequent) }
        return page?.key
    }

    private mutating func recentVictim(_ tail: UInt64, _ isEvictable: (UInt64) -> Bool) -> UInt64? {
        let prefix = recent.prefix(PageCachePolicy.candidatesMax)
        guard let oldest = prefix.firstIndex(where: { isEvictable($0.key) }) else {
            Self.rotate(&recent)
            return nil
        }
        let count = min(recent.count - recent.count / PageCachePolicy.youngestFraction, PageCachePolicy.candidatesMax)
        // Of equally far ones the oldest.
        func farthestIndex(of count: Int) -> Int {
            let candidates = recent.indices.prefix(count).filter { $0 > oldest && isEvictable(recent[$0].key) }
            return candidates.reduce(oldest) { distance(of: $1, tail) > distance(of: $0, tail) ? $1 : $0 }
        }
        let farthest = farthestIndex(of: count)
        let chosen = recent[farthestIndex(of: count * trust / PageCachePolicy.trustMax)].key
        if farthest != oldest {
            if !recent[oldest].hasSpoken { recent[oldest].verdict = 1 }
            if !recent[farthest].hasSpoken { recent[farthest].verdict = -1 }
        }
        return chosen
    }

    private func distance(of index: Int, _ tail: UInt64) -> UInt64 {
        tail > recent[index].place ? tail - recent[index].place : 0
    }

    private static func rotate(_ pages: inout [Page]) {
        let count = PageCachePolicy.candidatesMax
        if pages.count > count { pages = Array(pages[count...] + pages[..<count]) }
    }

    private mutating func learn(_ page: Page) {
        trust = min(PageCachePolicy.trustMax, max(0, trust + page.verdict))
    }

    private mutating func trimGhosts() {
        while ghosts.reduce(0, { $0 + $1.byteCount }) > byteCountMax * PageCachePolicy.ghostPercent / 100 {
            ghosts.removeFirst()
        }
    }
}
