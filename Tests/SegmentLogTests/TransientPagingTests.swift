import SeededRandom
import SegmentLog
import Testing

/// Transient messages that leave memory for the side file and come back.
@Suite struct TransientPagingTests {
    private static let path = TestLog.directory + "/transient.pages"

    private struct Fixture {
        let disk = FaultyDisk()
        let cache: PageCache
        let log: TransientLog

        init(pagesInMemory: Int) throws {
            cache = TestLog.makeCache(byteCountMax: pagesInMemory * TestLog.pageByteCount)
            log = try TransientLog(
                directory: TestLog.directory, cache: cache, disk: disk, pageByteCount: TestLog.pageByteCount,
                sparePagesMax: 1)
        }

        func append(_ payload: [UInt8], references: Int = 1) -> LogPosition {
            log.append(payloadCount: payload.count, references: references) { $0.copyBytes(from: payload) }
        }

        func here(_ position: LogPosition) -> [UInt8]? {
            guard case .here(let payload) = log.access(position) else { return nil }
            return Array(payload)
        }

        func isAway(_ position: LogPosition) -> Bool {
            guard case .away = log.access(position) else { return false }
            return true
        }

        func isLost(_ position: LogPosition) -> Bool {
            guard case .lost = log.access(position) else { return false }
            return true
        }

        func read(_ position: LogPosition) -> [UInt8]? {
            if isAway(position) {
                let waiter = TestWaiter()
                log.fetch(position, for: waiter)
                cache.jobs.drain()
                #expect(waiter.arrivals == 1)
            }
            return here(position)
        }

        func evict() {
            for _ in 0..<3 {
                cache.trim(tail: .zero)
                cache.jobs.drain()
            }
            cache.trim(tail: .zero)
        }
    }

    private func payload(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ number) }
    }

    @Test func bytesComeBackIntact() throws {
        let fixture = try Fixture(pagesInMemory: 0)
        let payloads = [0, 1, 240, 100, 700, 248, 249, 3, 1500, 20].enumerated().map { payload($0, $1) }
        let positions = payloads.map { fixture.append($0) }
        fixture.evict()
        #expect(fixture.log.diskBytes > 0)
        for round in 0..<2 {
            for (payload, position) in zip(payloads, positions) {
                #expect(fixture.read(position) == payload, "round \(round)")
                fixture.evict()
            }
        }
        // What is in the file already is not written once more.
        let written = fixture.disk.journal.filter { $0.hasPrefix("write") }.count
        for position in positions { _ = fixture.read(position) }
        fixture.evict()
        #expect(fixture.disk.journal.filter { $0.hasPrefix("write") }.count == written)
        for position in positions { fixture.log.release(position) }
        #expect(fixture.log.diskBytes == 0, "nothing is in the file any more")
    }

    /// What is settled while it is in memory never gets to the disk.
    @Test func settledInTimeIsNotWritten() throws {
        let fixture = try Fixture(pagesInMemory: 4)
        for number in 0..<500 {
            let position = fixture.append(payload(number, 100))
            fixture.cache.trim(tail: .zero)
            fixture.log.release(position)
        }
        #expect(fixture.log.diskBytes == 0 && !fixture.disk.journal.contains { $0.hasPrefix("write") })
    }

    @Test func releasedWhileBusy() throws {
        let fixture = try Fixture(pagesInMemory: 0)
        let positions = (0..<6).map { fixture.append(payload($0, 240)) }
        // While it is being written.
        fixture.cache.trim(tail: .zero)
        #expect(fixture.cache.jobs.pendingCount == 5)
        #expect(fixture.here(positions[0]) == payload(0, 240), "it is there until it has left")
        fixture.log.release(positions[0])
        fixture.evict()
        // While it is being read.
        let waiter = TestWaiter()
        fixture.log.fetch(positions[1], for: waiter)
        fixture.log.release(positions[1])
        fixture.cache.jobs.drain()
        #expect(waiter.arrivals == 1)
        for number in 2..<6 { #expect(fixture.read(positions[number]) == payload(number, 240)) }
        // Their slots and numbers are used again.
        let more = (6..<8).map { fixture.append(payload($0, 240)) }
        fixture.evict()
        for (number, position) in zip(6..<8, more) { #expect(fixture.read(position) == payload(number, 240)) }
        for position in positions[2...] + more { fixture.log.release(position) }
        #expect(fixture.log.diskBytes == 0)
    }

    @Test func fullDiskKeepsThemInMemory() throws {
        let fixture = try Fixture(pagesInMemory: 0)
        let positions = (0..<5).map { fixture.append(payload($0, 240)) }
        var faults = FaultyDisk.Faults()
        faults.freeBytes = 300
        fixture.disk.setFaults(faults)
        fixture.evict()
        for (number, position) in positions.enumerated() { #expect(fixture.read(position) == payload(number, 240)) }
        for position in positions { fixture.log.release(position) }
        fixture.disk.setFaults(FaultyDisk.Faults())
        let again = (0..<5).map { fixture.append(payload($0, 240)) }
        fixture.evict()
        #expect(again.dropLast().allSatisfy { fixture.isAway($0) })
        for (number, position) in again.enumerated() { #expect(fixture.read(position) == payload(number, 240)) }
    }

    @Test func truncatedSideFileIsLostNotWrong() throws {
        let fixture = try Fixture(pagesInMemory: 0)
        let positions = (0..<4).map { fixture.append(payload($0, 240)) }
        fixture.evict()
        try fixture.disk.openFile(at: Self.path, create: false).truncate(to: 300)
        let lost = positions.filter { fixture.read($0) == nil }
        #expect(lost.count == 2 && lost.allSatisfy { fixture.isLost($0) })
        for position in positions { fixture.log.release(position) }
    }

    @Test(arguments: [UInt64](1...20)) func randomWorkInLittleMemory(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixture = try Fixture(pagesInMemory: Int.random(in: 0...5, using: &generator))
        var model: [LogPosition: (payload: [UInt8], references: Int)] = [:]
        for step in 0..<3000 {
            let isGrowing = step % 1000 < 500
            let keys = model.keys.sorted()
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<(isGrowing ? 40 : 20):
                let isLarge = Int.random(in: 0..<15, using: &generator) == 0
                let bytes = payload(step, Int.random(in: 0...(isLarge ? 2000 : 100), using: &generator))
                let references = Int.random(in: 1...3, using: &generator)
                let position = fixture.append(bytes, references: references)
                #expect(model[position] == nil && position != .zero, "seed \(seed)")
                model[position] = (bytes, references)
            case 40..<70:
                guard let position = keys.randomElement(using: &generator), let entry = model[position] else {
                    continue
                }
                fixture.log.release(position)
                model[position] = entry.references == 1 ? nil : (entry.payload, entry.references - 1)
            case 70..<80:
                guard let position = keys.randomElement(using: &generator) else { continue }
                #expect(fixture.read(position) == model[position]?.payload, "seed \(seed) step \(step)")
            case 80..<85:
                // Asked for, and perhaps released before it comes.
                if let position = keys.randomElement(using: &generator), fixture.isAway(position) {
                    fixture.log.fetch(position, for: TestWaiter())
                }
            case 85..<93: fixture.cache.trim(tail: .zero)
            default: fixture.cache.jobs.poll()
            }
        }
        for (position, entry) in model {
            #expect(fixture.read(position) == entry.payload, "seed \(seed)")
            for _ in 0..<entry.references { fixture.log.release(position) }
        }
        #expect(fixture.cache.statistics.evictions > 0 && fixture.log.diskBytes == 0, "seed \(seed)")
        #expect(fixture.log.residentBytes <= 2 * TestLog.pageByteCount, "seed \(seed)")
    }
}
