import SeededRandom
import Testing

@testable import SegmentLog

/// Which page leaves first, and why.
@Suite struct PageCachePolicyTests {
    private static let pageByteCount = 1000

    /// Pages of equal size, with keys from `first`; the key says the place too.
    private func admit(
        _ keys: Range<UInt64>, to policy: inout PageCachePolicy, byteCount: Int = pageByteCount
    ) -> [UInt64: Int32] {
        var frames: [UInt64: Int32] = [:]
        for key in keys { frames[key] = policy.admit(key: key, byteCount: byteCount, place: key * 1000) }
        return frames
    }

    /// Evicts until the budget is kept.
    ///
    /// - Returns: the keys of the evicted, in order.
    @discardableResult
    private func makeRoom(_ policy: inout PageCachePolicy, tail: UInt64 = 1 << 40) -> [UInt64] {
        var keys: [UInt64] = []
        while policy.isOverBudget, let frame = policy.victim(tail: tail, isEvictable: { _ in true }) {
            keys.append(policy.key(of: frame))
            policy.evict(frame)
        }
        return keys
    }

    @Test func budgetIsKept() {
        var policy = PageCachePolicy(byteCountMax: 16 << 20)
        var generator = SeededGenerator(seed: 1)
        let byteCounts = [4 << 10, 64 << 10, 256 << 10, 5 << 20]
        for key in 0..<2000 as Range<UInt64> {
            let byteCount = byteCounts.randomElement(using: &generator) ?? 0
            _ = policy.admit(key: key, byteCount: byteCount, place: key)
            makeRoom(&policy, tail: key)
            let resident = policy.residentByteCount
            #expect(resident <= 16 << 20)
            #expect(key < 100 || resident > 10 << 20, "no more is evicted than has to be")
        }
    }

    @Test func withoutContestsItIsFirstInFirstOut() {
        var policy = PageCachePolicy(byteCountMax: 10 * Self.pageByteCount)
        let frames = admit(0..<10, to: &policy)
        // Being used in A1in changes nothing.
        for frame in frames.values { policy.touch(frame) }
        _ = admit(10..<15, to: &policy)
        let evicted = makeRoom(&policy)
        #expect(evicted == [0, 1, 2, 3, 4])
        let evictions = policy.evictions
        #expect(evictions == 5)
    }

    @Test func deadPageLeavesNoGhost() throws {
        var policy = PageCachePolicy(byteCountMax: 10 * Self.pageByteCount)
        let frames = admit(0..<2, to: &policy)
        policy.remove(try #require(frames[0]))
        policy.evict(try #require(frames[1]))
        _ = admit(0..<2, to: &policy)
        let ghostHits = policy.ghostHits
        #expect(ghostHits == 1, "only the evicted page came back")
        let resident = policy.residentByteCount
        #expect(resident == 2 * Self.pageByteCount)
    }

    @Test func forgottenGhostIsGone() throws {
        var policy = PageCachePolicy(byteCountMax: 10 * Self.pageByteCount)
        let frames = admit(0..<1, to: &policy)
        policy.evict(try #require(frames[0]))
        policy.forget(key: 0)
        policy.forget(key: 77)
        _ = admit(0..<1, to: &policy)
        let ghostHits = policy.ghostHits
        #expect(ghostHits == 0)
    }

    @Test func ghostsAreForgottenInTime() {
        var policy = PageCachePolicy(byteCountMax: 10 * Self.pageByteCount)
        _ = admit(0..<20, to: &policy)
        makeRoom(&policy)
        // Of the ten that went, A1out remembers five.
        _ = admit(0..<5, to: &policy)
        let ghostHits = policy.ghostHits
        #expect(ghostHits == 0)
        _ = admit(5..<6, to: &policy)
        let ghostHitsThen = policy.ghostHits
        #expect(ghostHitsThen == 1)
    }

    /// Pages that came back stay through a scan of any length, without being used, and leave in the order of use.
    @Test func pagesThatCameBackSurviveAScan() throws {
        var policy = PageCachePolicy(byteCountMax: 100 * Self.pageByteCount)
        _ = admit(0..<110, to: &policy)
        let first = makeRoom(&policy)
        #expect(first == Array(0..<10))
        let hot = admit(0..<8, to: &policy)
        var evicted: Set<UInt64> = []
        for key in 1000..<3000 as Range<UInt64> {
            _ = admit(key..<key + 1, to: &policy)
            evicted.formUnion(makeRoom(&policy))
        }
        let ghostHits = policy.ghostHits
        #expect(ghostHits == 8)
        #expect(evicted.isDisjoint(with: 0..<8))
        // Now Am has more than its tenth, so that it gives way.
        policy.touch(try #require(hot[0]))
        policy.byteCountMax = 50 * Self.pageByteCount
        let last = makeRoom(&policy)
        #expect(last.filter { $0 < 8 } == [1, 2, 3])
    }

    /// 32 candidates and the youngest two; a quarter of the candidates is trusted at the start.
    @Test func farthestOfTheOldestGoes() {
        var policy = PageCachePolicy(byteCountMax: 0)
        for key in 0..<34 as Range<UInt64> {
            let place: UInt64 =
                switch key {
                case 5: 400
                case 6: 300
                case 7: 300
                case 20: 100
                default: 500 + key
                }
            _ = policy.admit(key: key, byteCount: 1, place: place)
        }
        let order = (0..<4).map { _ in
            let frame = policy.victim(tail: 1000) { _ in true }
            guard let frame else { return UInt64.max }
            defer { policy.evict(frame) }
            return policy.key(of: frame)
        }
        // Of equally far ones the older; what is not in the trusted quarter of the oldest does not count.
        #expect(order == [6, 7, 5, 0])
    }

    @Test func pagesBeyondTheTailAreNear() {
        var policy = PageCachePolicy(byteCountMax: 0)
        let places: [UInt64] = [2000, 990, 3000, .max, 900, 1000, 1000, 1000, 1000, 1000]
        for (key, place) in places.enumerated() {
            _ = policy.admit(key: UInt64(key), byteCount: 1, place: place)
        }
        let frame = policy.victim(tail: 1000) { _ in true }
        let key = frame.map { policy.key(of: $0) }
        #expect(key == 1)
    }

    /// 32 old pages near the tail, and 32 young ones far from it: what a scan leaves behind, say.
    private func admitNearAndFar(to policy: inout PageCachePolicy) -> [Int32] {
        (0..<64).map { number in
            policy.admit(key: UInt64(number), byteCount: 1, place: UInt64(number < 32 ? 10_000 + number : number))
        }
    }

    private func keyOfVictim(_ policy: inout PageCachePolicy) -> UInt64? {
        let frame = policy.victim(tail: 20_000) { _ in true }
        return frame.map { policy.key(of: $0) }
    }

    @Test func trustGrowsWhenTheOldestIsUsed() {
        var policy = PageCachePolicy(byteCountMax: 0)
        let frames = admitNearAndFar(to: &policy)
        let start = keyOfVictim(&policy)
        #expect(start == 0, "the far pages are beyond the candidates that are trusted at the start")
        for key in 0..<24 {
            _ = keyOfVictim(&policy)
            policy.touch(frames[key])
            let trust = policy.trust
            #expect(trust == PageCachePolicy.trustAtStart + key + 1)
            // A page speaks once.
            _ = keyOfVictim(&policy)
            policy.touch(frames[key])
            let trustThen = policy.trust
            #expect(trustThen == trust)
            policy.remove(frames[key])
        }
        let victim = keyOfVictim(&policy)
        #expect(victim == 32, "the farthest of all")
        _ = keyOfVictim(&policy)
        policy.touch(frames[24])
        let trust = policy.trust
        #expect(trust == PageCachePolicy.trustMax)
    }

    @Test func trustShrinksWhenTheFarthestIsUsed() {
        var policy = PageCachePolicy(byteCountMax: 0)
        let frames = admitNearAndFar(to: &policy)
        for key in 32..<40 {
            _ = keyOfVictim(&policy)
            policy.touch(frames[key])
            policy.remove(frames[key])
        }
        let trust = policy.trust
        #expect(trust == 0)
        // Plain 2Q now.
        _ = policy.admit(key: 100, byteCount: 1, place: 0)
        for key in 0..<20 {
            let victim = keyOfVictim(&policy)
            #expect(victim == UInt64(key))
            policy.evict(frames[key])
        }
    }

    @Test func trustShrinksWhenTheFarthestComesBack() {
        var policy = PageCachePolicy(byteCountMax: 100)
        for key in 0..<32 as Range<UInt64> {
            _ = policy.admit(key: key, byteCount: 4, place: key == 3 ? 1 : 1000)
        }
        let victim = policy.victim(tail: 2000) { _ in true }
        let key = victim.map { policy.key(of: $0) }
        #expect(key == 3)
        if let victim { policy.evict(victim) }
        _ = policy.admit(key: 3, byteCount: 4, place: 1)
        let trust = policy.trust
        #expect(trust == PageCachePolicy.trustAtStart - 1)
    }

    @Test func largeFrames() {
        var policy = PageCachePolicy(byteCountMax: 16 << 20)
        _ = admit(0..<64, to: &policy, byteCount: 256 << 10)
        let full = policy.isOverBudget
        #expect(!full)
        let large = policy.admit(key: 1000, byteCount: 6 << 20, place: 64_000)
        let byteCount = policy.byteCount(of: large)
        #expect(byteCount == 6 << 20)
        let evicted = makeRoom(&policy, tail: 70_000)
        #expect(evicted == Array(0..<24), "room for it, and no more")
        // One that is larger than the cache takes all of it, and goes when it may.
        let huge = policy.admit(key: 1001, byteCount: 20 << 20, place: 70_000)
        while let frame = policy.victim(tail: 80_000, isEvictable: { $0 != huge }) { policy.evict(frame) }
        let resident = policy.residentByteCount
        #expect(resident == 20 << 20)
        let last = makeRoom(&policy, tail: 80_000)
        #expect(last == [1001])
    }

    /// However many pages wait for the disk, a call looks at a bounded number; those that can go are found in the end.
    @Test func pagesThatHaveToStay() {
        var policy = PageCachePolicy(byteCountMax: 1000)
        for key in 0..<10_000 as Range<UInt64> { _ = policy.admit(key: key, byteCount: 1, place: key) }
        var isWritten = false
        var asked = 0
        for _ in 0..<100 {
            let before = asked
            let victim = policy.victim(tail: 10_000) { _ in
                asked += 1
                return isWritten
            }
            #expect(victim == nil)
            #expect(asked - before <= 2 * PageCachePolicy.candidatesMax)
        }
        isWritten = true
        let evicted = makeRoom(&policy)
        #expect(evicted.count == 9000)

        // One page among those can go.
        var calls = 0
        var victim: UInt64?
        let frames = (0..<5000).map { policy.admit(key: UInt64(20_000 + $0), byteCount: 1, place: 20_000) }
        while victim == nil, calls < 100 {
            calls += 1
            let frame = policy.victim(tail: 30_000) { $0 == frames[4999] }
            victim = frame.map { policy.key(of: $0) }
        }
        #expect(victim == 24_999)
        #expect(calls <= 6000 / PageCachePolicy.candidatesMax + 1)
    }

    @Test func frequentPagesThatHaveToStay() {
        var policy = PageCachePolicy(byteCountMax: 4000)
        for frame in (0..<600).map({ policy.admit(key: $0, byteCount: 1, place: $0) }) { policy.evict(frame) }
        let frames = (0..<600).map { policy.admit(key: $0, byteCount: 1, place: $0) }
        let ghostHits = policy.ghostHits
        #expect(ghostHits == 600, "all are in Am")
        let victims = (0..<3).map { _ in policy.victim(tail: 600) { $0 == frames[599] } }
        #expect(victims == [nil, nil, frames[599]])
        // In their order.
        let next = policy.victim(tail: 600) { $0 != frames[599] }
        #expect(next == frames[512])
    }

    @Test func framesAreUsedAgain() {
        var policy = PageCachePolicy(byteCountMax: 10 * Self.pageByteCount)
        var highest: Int32 = 0
        for key in 0..<10_000 as Range<UInt64> {
            highest = max(highest, policy.admit(key: key % 777, byteCount: Self.pageByteCount, place: key))
            makeRoom(&policy, tail: key)
        }
        #expect(highest == 10)
    }

    @Test func emptyCacheHasNoVictim() {
        var policy = PageCachePolicy(byteCountMax: 0)
        let victim = policy.victim(tail: 0) { _ in true }
        #expect(victim == nil)
        let isOverBudget = policy.isOverBudget
        #expect(!isOverBudget)
    }
}
