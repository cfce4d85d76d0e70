import SeededRandom
import SegmentLog
import Testing

/// Indexes against naive ones, with a cache so small that their pages come and go.
@Suite struct PagedIndexTests {
    @Test(arguments: [UInt64](1...10)) func randomWorkAgainstAModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try IndexFixture(pagesInMemory: Int.random(in: 0...3, using: &generator))
        var released: [IndexEntry] = []
        fixture.store.release = { released.append($0) }
        var models = (0..<3).map { IndexModel(PagedIndex(store: fixture.store), salt: $0) }
        for step in 0..<200 {
            let which = Int.random(in: 0..<models.count, using: &generator)
            work(on: &models[which], step, fixture, &generator)
            if Bool.random(using: &generator) { fixture.cache.trim(tail: .zero) }
            if Bool.random(using: &generator) { fixture.cache.jobs.poll() }
            if fixture.store.isReaping, Bool.random(using: &generator) { fixture.store.reapSome() }
            if step % 40 == 0 {
                for model in models { model.checkBits("seed \(seed) step \(step)") }
            }
        }
        for model in models {
            model.checkBits("seed \(seed)")
            model.checkEntries(fixture, "seed \(seed)")
        }
        while fixture.store.isReaping {
            fixture.store.reapSome()
            fixture.cache.jobs.drain()
        }
        let expected = models.flatMap(\.unreleased)
        #expect(released.count == expected.count, "seed \(seed)")
        #expect(Set(released.map(\.first)) == Set(expected.map(\.first)), "seed \(seed)")
        #expect(fixture.store.readFailures == 0 && fixture.store.writeFailures == 0)
        #expect(fixture.cache.statistics.evictions > 0, "seed \(seed): nothing left memory")
    }

    private func work(
        on model: inout IndexModel, _ step: Int, _ fixture: IndexFixture, _ generator: inout SeededGenerator
    ) {
        let comment: Comment = "step \(step)"
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<40:
            let isTransient = Int.random(in: 0..<4, using: &generator) == 0
            for _ in 0..<Int.random(in: 1...300, using: &generator) {
                model.append(isDurable: !isTransient || Bool.random(using: &generator))
            }
        case 40..<60:
            // From the front, as a consumer does.
            for number in model.ready.prefix(Int.random(in: 1...300, using: &generator)) {
                #expect(model.index.firstReady() == number, comment)
                model.check(number, fixture, comment)
                model.take(number)
            }
        case 60..<75:
            for number in model.out.shuffled(using: &generator).prefix(150) { model.settle(number) }
        case 75..<82:
            for number in model.out.shuffled(using: &generator).prefix(50) { model.putBack(number) }
        case 82..<88:
            for number in model.ready.shuffled(using: &generator).prefix(20) { model.settle(number) }
        case 88..<94:
            for number in model.live.shuffled(using: &generator).prefix(30) { model.replace(number, round: step) }
        case 94..<97:
            let start = Int.random(in: 0...model.end, using: &generator)
            model.checkNextReady(from: start, comment)
            if let number = model.live.randomElement(using: &generator) { model.index.prefetch(at: number) }
        case 97: model.remove(includingOut: true, comment)
        default: model.remove(includingOut: false, comment)
        }
    }

    @Test func pagesLeaveAndComeBack() throws {
        let fixture = try IndexFixture(pagesInMemory: 2)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<256 * 20 { index.append(.test(number), isDurable: true) }
        fixture.evict()
        #expect(fixture.cache.statistics.residentBytes <= 2 * IndexFixture.slotByteCount)
        #expect(fixture.store.diskBytes == 18 * IndexFixture.slotByteCount)
        let away = (0..<20).filter { index.entry(at: $0 * 256) == nil }
        #expect(away.count == 18)
        // Two ask for one page: it is read once.
        let waiters = [TestWaiter(), TestWaiter()]
        for waiter in waiters { index.fetch(away[0] * 256 + 7, for: waiter) }
        let misses = fixture.cache.statistics.misses
        fixture.cache.jobs.poll()
        #expect(waiters.map(\.arrivals) == [1, 1] && fixture.cache.statistics.misses == misses)
        #expect(index.entry(at: away[0] * 256 + 7) == .test(away[0] * 256 + 7))
        // Unchanged, it leaves without being written once more.
        index.writePages()
        fixture.cache.jobs.drain()
        let written = fixture.disk.journal.count
        fixture.evict()
        #expect(fixture.disk.journal.count == written)
    }

    /// A queue that is never long takes little memory, and nothing of the cache.
    @Test func shortIndexesStayOutOfTheCache() throws {
        let fixture = try IndexFixture(pagesInMemory: 2)
        let indexes = (0..<100).map { _ in PagedIndex(store: fixture.store) }
        for number in 0..<10 {
            for (salt, index) in indexes.enumerated() { index.append(.test(number, salt), isDurable: true) }
        }
        #expect(fixture.cache.statistics.residentBytes == 0)
        for (salt, index) in indexes.enumerated() {
            #expect((0..<10).allSatisfy { index.entry(at: $0) == .test($0, salt) })
        }
    }

    @Test func pageThatCannotBeWrittenStays() throws {
        let fixture = try IndexFixture(pagesInMemory: 0)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<256 * 3 { index.append(.test(number), isDurable: true) }
        var faults = FaultyDisk.Faults()
        faults.freeBytes = 5000
        fixture.disk.setFaults(faults)
        fixture.evict()
        #expect(fixture.store.writeFailures == 2)
        for number in 256..<256 * 3 { #expect(index.entry(at: number) == .test(number)) }
        // Once there is room, a checkpoint writes them.
        fixture.disk.setFaults(FaultyDisk.Faults())
        index.writePages()
        fixture.cache.jobs.drain()
        fixture.evict()
        #expect(fixture.cache.statistics.residentBytes == 0)
        for number in stride(from: 0, to: 256 * 3, by: 17) {
            index.load(number)
            #expect(index.entry(at: number) == .test(number))
        }
    }

    // MARK: How a start rebuilds an index

    @Test(arguments: [UInt64](1...20)) func restoredInAnyOrder(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try IndexFixture(pagesInMemory: 1)
        let index = PagedIndex(store: fixture.store)
        var expected: [Int: IndexEntry] = [:]
        // Roughly in order, with gaps, some twice.
        let numbers = (0..<1500).filter { _ in Int.random(in: 0..<10, using: &generator) > 2 }
            .map { ($0, $0 + Int.random(in: 0...600, using: &generator)) }.sorted { $0.1 < $1.1 }.map(\.0)
        for (step, number) in numbers.enumerated() {
            #expect(index.restore(.test(number), at: number) == expected[number], "seed \(seed) number \(number)")
            expected[number] = .test(number)
            if Int.random(in: 0..<6, using: &generator) == 0, let other = expected.keys.randomElement(using: &generator)
            {
                let again = IndexEntry.test(other, step + 1)
                #expect(index.restore(again, at: other) == expected[other], "seed \(seed) number \(other)")
                expected[other] = again
            }
            if Int.random(in: 0..<3, using: &generator) == 0, let other = expected.keys.randomElement(using: &generator)
            {
                #expect(index.settleRestored(at: other) == expected[other], "seed \(seed) number \(other)")
                expected[other] = nil
                #expect(index.settleRestored(at: other) == nil)
            }
            if step % 50 == 0 { fixture.evict() }
        }
        #expect(index.liveCount == expected.count && index.readyCount == expected.count)
        #expect(index.firstReady() == expected.keys.min())
        for (number, entry) in expected {
            index.load(number)
            #expect(index.entry(at: number) == entry, "seed \(seed) number \(number)")
        }
        let end = index.end
        #expect(index.append(.test(end), isDurable: true) == end)
    }

    @Test func skippedNumbersAreDead() throws {
        for first in [0, 5, 255, 256, 1000] {
            for end in [first, first + 1, 200, 300, 512, 1025] where end >= first {
                let fixture = try IndexFixture()
                let index = PagedIndex(store: fixture.store)
                for number in 0..<first { index.append(.test(number), isDurable: true) }
                index.skip(to: end)
                #expect(index.end == max(first, end) && index.liveCount == first)
                var ranges: [Range<Int>] = []
                index.forEachDurableRange(readyOnly: false) { ranges.append($0) }
                #expect(ranges == (first > 0 ? [0..<first] : []))
                // A start may come upon one of them later on.
                if end > first {
                    #expect(index.restore(.test(end - 1), at: end - 1) == nil)
                    #expect(index.entry(at: end - 1) == .test(end - 1) && index.liveCount == first + 1)
                }
                // What stands in a checkpoint is the same.
                let (_, indexes) = try IndexFixture.restore(fixture.checkpoint([index]), disk: fixture.disk)
                #expect(indexes[0].end == index.end && indexes[0].liveCount == index.liveCount)
                let number = index.append(.test(index.end), isDurable: true)
                #expect(number == end && index.entry(at: number) == .test(number))
            }
        }
    }
}
