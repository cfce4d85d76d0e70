import SeededRandom
import SegmentLog
import Testing

/// Indexes in checkpoints, and the slots that checkpoints count on.
@Suite struct IndexCheckpointTests {
    @Test(arguments: [UInt64](1...20)) func onlyWhatIsDurableComesBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try IndexFixture(pagesInMemory: 2)
        var models = (0..<3).map { IndexModel(PagedIndex(store: fixture.store), salt: $0) }
        for which in models.indices {
            let transient = [0, 0.2, 1][which]
            for _ in 0..<Int.random(in: 0...2000, using: &generator) {
                models[which].append(isDurable: Double.random(in: 0..<1, using: &generator) >= transient)
            }
            for number in models[which].ready where Int.random(in: 0..<5, using: &generator) == 0 {
                if Bool.random(using: &generator) { models[which].take(number) } else { models[which].settle(number) }
            }
            // A whole stretch is dead.
            for number in models[which].live where (300..<900).contains(number) { models[which].settle(number) }
            fixture.evict()
        }
        let isWritten = Bool.random(using: &generator)
        let indexes = models.map(\.index)
        let bytes = isWritten ? fixture.checkpoint(indexes) : fixture.settleCheckpoint(indexes)
        let (again, restored) = try IndexFixture.restore(bytes, disk: fixture.disk)
        for (model, index) in zip(models, restored) {
            var expected = IndexModel(index, salt: model.salt)
            expected.end = model.end
            for (number, item) in model.items where item.isDurable {
                expected.items[number] = IndexModel.Item(entry: item.entry, isDurable: true)
            }
            expected.checkBits("seed \(seed) written \(isWritten)")
            expected.checkEntries(again, "seed \(seed) written \(isWritten)")
            // It goes on from there.
            for _ in 0..<600 { expected.append(isDurable: true) }
            expected.checkBits("seed \(seed) and on")
            again.evict()
            expected.checkEntries(again, "seed \(seed) and on")
        }
        #expect(again.store.readFailures == 0)
    }

    /// From checkpoint to checkpoint, with little or nothing left in some of them.
    @Test(arguments: [UInt64](1...40)) func manyStartsInARow(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var fixture = try IndexFixture(pagesInMemory: 2)
        var model = IndexModel(PagedIndex(store: fixture.store), salt: 0)
        for start in 1...12 {
            for _ in 0..<[0, 1, 30, 256, 700].randomElement(using: &generator)! {
                model.append(isDurable: Int.random(in: 0..<4, using: &generator) > 0)
            }
            let share = [0, 50, 100].randomElement(using: &generator)!
            for number in model.live where Int.random(in: 0..<100, using: &generator) < share {
                model.settle(number)
            }
            model.checkBits("seed \(seed), before start \(start)")
            let bytes = fixture.checkpoint([model.index])
            let (again, restored) = try IndexFixture.restore(bytes, disk: fixture.disk)
            fixture = again
            var next = IndexModel(restored[0], salt: 0)
            next.end = model.end
            next.items = model.items.filter(\.value.isDurable)
            model = next
            model.checkBits("seed \(seed), start \(start)")
            model.checkEntries(fixture, "seed \(seed), start \(start)")
        }
    }

    /// Every way of being cut short is noticed.
    @Test func cutCheckpointIsMalformed() throws {
        let fixture = try IndexFixture(pagesInMemory: 1)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<1100 { index.append(.test(number), isDurable: number % 7 != 0 || number > 600) }
        for number in 500..<600 { index.settle(at: number) }
        let bytes = fixture.checkpoint([index])
        for count in 0..<bytes.count {
            #expect(throws: CheckpointDecoder.Malformed.self) {
                try IndexFixture.restore(Array(bytes.prefix(count)), disk: fixture.disk)
            }
        }
    }

    @Test func damagedSlotIsLostNotWrong() throws {
        let fixture = try IndexFixture(pagesInMemory: 0)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<256 * 4 { index.append(.test(number), isDurable: true) }
        fixture.evict()
        let file = try fixture.disk.openFile(at: IndexFixture.pagePath, create: false)
        let damaged = 1
        try withUnsafeBytes(of: UInt8(0xA5)) { try file.write($0, at: damaged * IndexFixture.slotByteCount + 1000) }
        var lost = 0
        for page in 0..<4 {
            let waiter = TestWaiter()
            index.fetch(page * 256, for: waiter)
            fixture.cache.jobs.poll()
            #expect(waiter.arrivals == 1)
            if index.isLost(at: page * 256) {
                lost += 1
                #expect(index.entry(at: page * 256) == nil)
                #expect(index.isLive(at: page * 256), "the owner settles what it can't have")
                for number in page * 256..<(page + 1) * 256 { index.settle(at: number) }
            } else {
                #expect(index.entry(at: page * 256 + 9) == .test(page * 256 + 9))
            }
        }
        #expect(lost == 1 && fixture.store.readFailures == 1)
        #expect(index.liveCount == 256 * 3)
    }

    @Test func lostSideFileIsNoticed() throws {
        let fixture = try IndexFixture(pagesInMemory: 0)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<256 * 2 { index.append(.test(number), isDurable: true) }
        let bytes = fixture.checkpoint([index])
        for length in [0, 100, 4096, 5000] {
            var files = fixture.disk.files
            files[IndexFixture.pagePath] = Array(files[IndexFixture.pagePath]?.prefix(length) ?? [])
            let (again, restored) = try IndexFixture.restore(bytes, disk: FaultyDisk(files: files))
            for number in [0, 256] { restored[0].load(number) }
            let lost = [0, 256].filter { restored[0].isLost(at: $0) }
            #expect(lost.count == 2 - length / 4096 && again.store.readFailures == lost.count)
        }
    }

    /// What a checkpoint on disk counts on is not written over before the next one is there.
    @Test func freedSlotsWaitForTheNextCheckpoint() throws {
        let fixture = try IndexFixture(pagesInMemory: 0)
        let index = PagedIndex(store: fixture.store)
        for number in 0..<256 * 4 { index.append(.test(number), isDurable: true) }
        let first = fixture.checkpoint([index])
        fixture.store.checkpointDurable()
        // All that the checkpoint knows is settled, and as much again comes and is written.
        for number in 0..<256 * 4 { index.settle(at: number) }
        for number in 256 * 4..<256 * 8 { index.append(.test(number), isDurable: true) }
        fixture.evict()
        let (_, old) = try IndexFixture.restore(first, disk: FaultyDisk(files: fixture.disk.files))
        for number in 0..<256 * 4 {
            old[0].load(number)
            #expect(old[0].entry(at: number) == .test(number))
        }
        // The second one has been settled, but is not on disk yet.
        let second = fixture.checkpoint([index])
        for number in 256 * 8..<256 * 12 { index.append(.test(number), isDurable: true) }
        fixture.evict()
        #expect(fixture.store.diskBytes == 12 * IndexFixture.slotByteCount)
        for (bytes, first) in [(first, 0), (second, 256 * 4)] {
            let (_, old) = try IndexFixture.restore(bytes, disk: FaultyDisk(files: fixture.disk.files))
            for number in first..<first + 256 * 4 {
                old[0].load(number)
                #expect(old[0].entry(at: number) == .test(number))
            }
        }
        // Now it is.
        fixture.store.checkpointDurable()
        for number in 256 * 12..<256 * 16 { index.append(.test(number), isDurable: true) }
        fixture.evict()
        #expect(fixture.store.diskBytes == 12 * IndexFixture.slotByteCount)
        let (_, new) = try IndexFixture.restore(second, disk: FaultyDisk(files: fixture.disk.files))
        for number in 256 * 4..<256 * 8 {
            new[0].load(number)
            #expect(new[0].entry(at: number) == .test(number))
        }
    }

    // MARK: Reaping

    /// What was removed while its pages were away is released once: by this process, or by the next one.
    @Test(arguments: [UInt64](1...20)) func reapingReleasesEverythingOnce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try IndexFixture(pagesInMemory: 1)
        var released: [UInt64: Int] = [:]
        fixture.store.release = { released[$0.first, default: 0] += 1 }
        let index = PagedIndex(store: fixture.store)
        let count = 256 * 60 + 100
        var live: Set<UInt64> = []
        var durable: Set<UInt64> = []
        for number in 0..<count {
            let isDurable = Int.random(in: 0..<50, using: &generator) > 0
            index.append(.test(number), isDurable: isDurable)
            live.insert(IndexEntry.test(number).first)
            if isDurable { durable.insert(IndexEntry.test(number).first) }
            if number % 2000 == 0 { fixture.evict() }
        }
        for _ in 0..<100 {
            let number = Int.random(in: 0..<count, using: &generator)
            guard index.isLive(at: number) else { continue }
            index.settle(at: number)
            live.remove(IndexEntry.test(number).first)
        }
        fixture.evict()
        index.removeAll { released[$0.first, default: 0] += 1 }
        #expect(index.liveCount == 0 && index.readyCount == 0 && index.firstReady() == nil)
        #expect(fixture.store.isReaping)
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            fixture.store.reapSome()
            if Bool.random(using: &generator) { fixture.cache.jobs.poll() }
        }
        let bytes = fixture.checkpoint([index])
        let releasedBefore = released
        // This process goes on…
        while fixture.store.isReaping {
            fixture.store.reapSome()
            fixture.cache.jobs.drain()
        }
        #expect(Set(released.keys) == live && released.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        // … or it does not, and the next one does what was left; transient entries are gone then.
        released = releasedBefore
        let (again, restored) = try IndexFixture.restore(bytes, disk: fixture.disk)
        again.store.release = { released[$0.first, default: 0] += 1 }
        #expect(restored[0].liveCount == 0)
        while again.store.isReaping {
            again.store.reapSome()
            again.cache.jobs.drain()
        }
        let expected = live.intersection(durable).union(releasedBefore.keys)
        #expect(Set(released.keys) == expected && released.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    }
}
