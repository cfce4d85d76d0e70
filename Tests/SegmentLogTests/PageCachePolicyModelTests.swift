import SeededRandom
import Testing

@testable import SegmentLog

/// Random work, against a model that does the same the slow way.
@Suite struct PageCachePolicyModelTests {
    @Test(arguments: [UInt64](1...20)) func randomWork(seed: UInt64) {
        var run = ModelRun(seed: seed, byteCountsMax: 40_000...120_000, byteCounts: [100, 1000, 4096, 20_000])
        for step in 0..<2000 {
            run.doSomething()
            if let difference = run.difference {
                Issue.record("seed \(seed) step \(step): \(difference)")
                return
            }
        }
        #expect(run.ghostHits > 20, "seed \(seed)")
    }

    /// More pages than an eviction looks at, none of which can go while the disk is stuck.
    @Test(arguments: [UInt64](1...3)) func randomWorkOnManyPages(seed: UInt64) {
        var run = ModelRun(seed: seed, byteCountsMax: 550_000...600_000, byteCounts: [900, 1000, 1100])
        for step in 0..<4500 {
            run.isDiskStuck = step / 1500 == 1
            run.doSomething()
            if let difference = run.difference {
                Issue.record("seed \(seed) step \(step): \(difference)")
                return
            }
        }
        #expect(run.residentMax > 2 * PageCachePolicy.candidatesMax, "seed \(seed)")
        #expect(run.ghostHits > 20 && run.refusals > 20, "seed \(seed)")
    }
}

/// The policy and its model, and what both were told.
private struct ModelRun: ~Copyable {
    /// All pages that are admitted now have to stay. Else, some have to for a while.
    var isDiskStuck = false
    private(set) var residentMax = 0
    /// How often nothing could go.
    private(set) var refusals = 0
    private(set) var difference: String?

    private let byteCountsMax: ClosedRange<Int>
    private let byteCounts: [Int]
    private var policy: PageCachePolicy
    private var model: NaivePageCachePolicy
    private var generator: SeededGenerator
    private var frames: [UInt64: Int32] = [:]
    private var keys: [UInt64] = []
    private var keyOfFrame: [Int32: UInt64] = [:]
    private var pages: [UInt64: (byteCount: Int, place: UInt64)] = [:]
    private var pinned: Set<UInt64> = []
    private var evicted: [UInt64] = []
    private var tail: UInt64 = 1000
    private var nextKey: UInt64 = 0

    init(seed: UInt64, byteCountsMax: ClosedRange<Int>, byteCounts: [Int]) {
        self.byteCountsMax = byteCountsMax
        self.byteCounts = byteCounts
        policy = PageCachePolicy(byteCountMax: byteCountsMax.upperBound)
        model = NaivePageCachePolicy(byteCountMax: byteCountsMax.upperBound)
        generator = SeededGenerator(seed: seed)
    }

    var ghostHits: Int { policy.ghostHits }

    mutating func doSomething() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<40: admitNew()
        case 40..<60: admitAgain()
        case 60..<85: touch()
        case 85..<90: remove()
        case 90..<97: unpin()
        case 97: forget()
        default: changeBudget()
        }
        makeRoom()
        residentMax = max(residentMax, keys.count)
        compare()
    }

    private mutating func admitNew() {
        nextKey += 1
        tail += UInt64.random(in: 0...5000, using: &generator)
        // A few are from far back, a few beyond the tail.
        let place =
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6: tail
            case 6..<9: UInt64.random(in: 0...tail, using: &generator)
            default: tail + 10_000
            }
        pages[nextKey] = (byteCounts.randomElement(using: &generator) ?? 1, place)
        admit(nextKey)
    }

    private mutating func admitAgain() {
        guard let key = evicted.suffix(keys.count / 2).randomElement(using: &generator) else { return }
        evicted.removeAll { $0 == key }
        admit(key)
    }

    private mutating func admit(_ key: UInt64) {
        guard let page = pages[key] else { return }
        let frame = policy.admit(key: key, byteCount: page.byteCount, place: page.place)
        model.admit(key: key, byteCount: page.byteCount, place: page.place)
        if let other = keyOfFrame[frame] { difference = "the frame of \(other) was given to \(key)" }
        frames[key] = frame
        keyOfFrame[frame] = key
        keys.append(key)
        if isDiskStuck || Int.random(in: 0..<10, using: &generator) == 0 { pinned.insert(key) }
    }

    private mutating func touch() {
        // Old pages as often as young ones.
        guard let key = keys.randomElement(using: &generator), let frame = frames[key] else { return }
        policy.touch(frame)
        model.touch(key)
    }

    private mutating func remove() {
        guard let key = keys.randomElement(using: &generator), let frame = frames[key] else { return }
        policy.remove(frame)
        model.remove(key)
        drop(key)
    }

    private mutating func unpin() {
        guard !isDiskStuck else { return }
        pinned = pinned.filter { _ in Bool.random(using: &generator) }
    }

    private mutating func forget() {
        guard let key = evicted.randomElement(using: &generator) else { return }
        policy.forget(key: key)
        model.forget(key)
    }

    private mutating func changeBudget() {
        let byteCount = Int.random(in: byteCountsMax, using: &generator)
        policy.byteCountMax = byteCount
        model.byteCountMax = byteCount
    }

    private mutating func makeRoom() {
        while policy.isOverBudget {
            let frame = policy.victim(tail: tail) { frame in
                keyOfFrame[frame].map { !pinned.contains($0) } ?? false
            }
            let expected = model.victim(tail: tail) { !pinned.contains($0) }
            let key = frame.map { policy.key(of: $0) }
            if key != expected {
                difference = "victim \(String(describing: key)) instead of \(String(describing: expected))"
                return
            }
            guard let frame, let key else {
                refusals += 1
                return
            }
            policy.evict(frame)
            model.evict(key)
            drop(key)
            evicted.append(key)
        }
    }

    private mutating func drop(_ key: UInt64) {
        if let frame = frames.removeValue(forKey: key) { keyOfFrame[frame] = nil }
        keys.removeAll { $0 == key }
        pinned.remove(key)
    }

    private mutating func compare() {
        if difference != nil { return }
        if policy.residentByteCount != model.residentByteCount {
            difference = "\(policy.residentByteCount) bytes instead of \(model.residentByteCount)"
        } else if policy.ghostHits != model.ghostHits {
            difference = "\(policy.ghostHits) ghost hits instead of \(model.ghostHits)"
        } else if policy.trust != model.trust {
            difference = "trust \(policy.trust) instead of \(model.trust)"
        }
        // Not every time: there are many.
        guard nextKey % 50 == 0 else { return }
        for (key, frame) in frames
        where policy.key(of: frame) != key || policy.byteCount(of: frame) != pages[key]?.byteCount {
            difference = "frame \(frame) is not that of \(key)"
        }
    }
}
