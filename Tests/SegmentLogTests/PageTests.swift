import SeededRandom
import SegmentLog
import Testing

/// Pages of the log that leave memory and are read back.
@Suite struct PageTests {
    private func record(_ number: Int, _ count: Int) -> TestRecord {
        TestRecord(payload: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) })
    }

    /// A log whose records are all written and have all left memory but for the last page.
    private func makeCold(
        _ disk: FaultyDisk, lengths: [Int]
    ) throws -> (log: SegmentLog, cache: PageCache, records: [TestRecord]) {
        let cache = TestLog.makeCache(byteCountMax: 0)
        let log = try TestLog.make(disk, cache: cache)
        let records = lengths.enumerated().map { log.append(record($0, $1)) }
        log.settle()
        cache.trim(tail: log.tail)
        return (log, cache, records)
    }

    private static let lengths = [0, 1, 240, 3, 700, 176, 40, 241, 600, 64, 31, 200, 9, 20, 100, 230]

    @Test func evictedRecordsAreReadBack() throws {
        let (log, cache, records) = try makeCold(FaultyDisk(), lengths: Self.lengths)
        #expect(cache.statistics.residentBytes == TestLog.pageByteCount, "the page that is being filled stays")
        for record in records.dropLast() {
            #expect(log.isAway(record.position))
            let waiter = TestWaiter()
            log.fetch(record.position, for: waiter)
            #expect(waiter.arrivals == 0 && log.isAway(record.position))
            cache.jobs.poll()
            #expect(waiter.arrivals == 1 && log.bytesHere(at: record.position) == record.payload)
            cache.trim(tail: log.tail)
        }
        for record in records { log.release(record) }
        #expect(log.statistics.residentBytes <= 3 * TestLog.pageByteCount && log.takeLostRecords().isEmpty)
        log.close()
    }

    @Test func unwrittenPagesStay() throws {
        let cache = TestLog.makeCache(byteCountMax: 0)
        let log = try TestLog.make(cache: cache)
        let records = (0..<8).map { log.append(record($0, 200)) }
        cache.trim(tail: log.tail)
        for record in records { #expect(log.bytesHere(at: record.position) == record.payload) }
        log.flush(syncWanted: false)
        cache.trim(tail: log.tail)
        for record in records { #expect(log.bytesHere(at: record.position) == record.payload) }
        log.poll()
        cache.trim(tail: log.tail)
        #expect(records.dropLast().allSatisfy { log.isAway($0.position) })
        log.close()
    }

    @Test func severalWaitForOnePage() throws {
        let (log, cache, records) = try makeCold(FaultyDisk(), lengths: [30, 30, 30, 200, 200])
        let waiters = [TestWaiter(), TestWaiter(), TestWaiter()]
        for (waiter, record) in zip(waiters, records) { log.fetch(record.position, for: waiter) }
        log.fetch(records[0].position, for: waiters[0])
        cache.jobs.poll()
        #expect(waiters.map(\.arrivals) == [1, 1, 1] && log.statistics.pagesRead == 1)
        for record in records[..<2] { #expect(log.bytesHere(at: record.position) == record.payload) }
        log.close()
    }

    @Test func prefetchedPagesAreThere() throws {
        let (log, cache, records) = try makeCold(FaultyDisk(), lengths: [200, 200, 200, 700, 200])
        #expect(log.prefetch(records[1].position) && log.prefetch(records[3].position))
        #expect(log.prefetch(records[1].position), "it is on its way")
        let waiter = TestWaiter()
        log.fetch(records[1].position, for: waiter)
        cache.jobs.poll()
        #expect(waiter.arrivals == 1 && log.statistics.pagesRead == 2)
        #expect(!log.prefetch(records[1].position))
        for number in [1, 3] { #expect(log.bytesHere(at: records[number].position) == records[number].payload) }
        #expect(log.isAway(records[0].position))
        log.close()
    }

    @Test func releasedWhileBeingRead() throws {
        let (log, cache, records) = try makeCold(FaultyDisk(), lengths: [200, 700, 200, 200, 200])
        let resident = log.statistics.residentBytes
        let waiter = TestWaiter()
        for record in records[..<2] {
            log.fetch(record.position, for: waiter)
            log.release(record)
        }
        cache.jobs.poll()
        #expect(waiter.arrivals == 2 && cache.statistics.residentBytes == TestLog.pageByteCount)
        // The segment goes while its page is on its way.
        for record in records[2...] { log.prefetch(record.position) }
        for record in records[2..<4] { log.release(record) }
        log.settle()
        log.poll()
        #expect(log.statistics.segmentsDeleted == 2)
        cache.jobs.poll()
        #expect(log.statistics.residentBytes <= resident + 2 * TestLog.pageByteCount)
        log.close()
    }

    /// Every byte of every record: it is read back as it was, or is lost and reported where it is.
    @Test func everyDamagedByteIsLostAndReported() throws {
        let disk = FaultyDisk()
        let (log, cache, records) = try makeCold(disk, lengths: Self.lengths)
        for record in records.dropLast() {
            let base = Int(record.position.rawValue) % TestLog.segmentByteCount
            let segment = Int(record.position.rawValue) / TestLog.segmentByteCount
            let path = TestLog.path(segment: segment)
            let file = try disk.openFile(at: path, create: false)
            for offset in base..<base + 16 + record.payload.count {
                let byte = try #require(disk.files[path])[offset]
                try withUnsafeBytes(of: byte ^ 0x40) { try file.write($0, at: offset) }
                #expect(log.bytes(at: record.position) == nil, "\(path) \(offset)")
                let lost = log.takeLostRecords()
                #expect(lost.map(\.file) == [path] && lost.map(\.offset) == [base])
                for other in records where other != record && other.position < log.tail {
                    #expect(log.bytes(at: other.position) == other.payload, "\(path) \(offset)")
                    cache.trim(tail: log.tail)
                }
                try withUnsafeBytes(of: byte) { try file.write($0, at: offset) }
                cache.trim(tail: log.tail)
            }
            #expect(log.bytes(at: record.position) == record.payload)
            cache.trim(tail: log.tail)
        }
        log.close()
    }

    /// Random work with a cache of a few pages, read through an owner that asks and waits.
    @Test(arguments: [UInt64](1...20)) func randomWorkInLittleMemory(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let cache = TestLog.makeCache(byteCountMax: Int.random(in: 0...6, using: &generator) * TestLog.pageByteCount)
        let log = try TestLog.make(cache: cache)
        var live: [TestRecord] = []
        for step in 0..<1500 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                let isLarge = Int.random(in: 0..<10, using: &generator) == 0
                let count = Int.random(in: 0...(isLarge ? log.payloadByteCountMax : 150), using: &generator)
                live.append(log.append(record(step, count)))
            case 4..<7 where !live.isEmpty:
                let place = Int.random(in: 0..<live.count, using: &generator)
                #expect(log.bytes(at: live[place].position) == live[place].payload, "seed \(seed) step \(step)")
                if Bool.random(using: &generator) || live.count > 60 { log.release(live.remove(at: place)) }
            case 7: if let record = live.randomElement(using: &generator) { log.prefetch(record.position) }
            case 8: cache.jobs.poll()
            default:
                let isSettled = Bool.random(using: &generator)
                if isSettled { log.settle() } else { log.flush(syncWanted: false) }
                cache.trim(tail: log.tail)
                guard isSettled else { continue }
                #expect(cache.statistics.residentBytes <= max(cache.byteCountMax, TestLog.pageByteCount))
            }
        }
        #expect(log.statistics.liveBytes == live.map(\.byteCount).reduce(0, +), "seed \(seed)")
        for record in live {
            #expect(log.bytes(at: record.position) == record.payload, "seed \(seed)")
            log.release(record)
        }
        #expect(log.statistics.readFailures == 0 && cache.statistics.evictions > 0, "seed \(seed)")
        log.close()
    }
}
