import SeededRandom
import SegmentLog
import Testing

/// What is on disk really, whatever the policy promises.
@Suite struct ForcedSyncTests {
    private static let policies: [SyncPolicy] = [.sync, .none, .interval(milliseconds: 1_000_000)]

    private func configuration(_ policy: SyncPolicy) -> SegmentLog.Configuration {
        var configuration = TestLog.configuration
        configuration.sync = policy
        return configuration
    }

    private func records(_ count: Int) -> [TestRecord] {
        (0..<count).map { TestRecord(payload: [UInt8](repeating: UInt8($0), count: 150)) }
    }

    @Test(arguments: policies, [UInt64](1...10)) func forcedSurvivesAPowerFailure(policy: SyncPolicy, seed: UInt64)
        throws
    {
        var generator = SeededGenerator(seed: seed)
        let disk = FaultyDisk()
        let log = try TestLog.make(disk, configuration: configuration(policy))
        var written: [TestRecord] = []
        for record in records(Int.random(in: 1...30, using: &generator)) {
            written.append(log.append(record))
            // Over several segments, in several rounds.
            if Bool.random(using: &generator) { log.flush(syncWanted: false) }
            if Bool.random(using: &generator) { log.poll() }
        }
        let forced = log.forcedDurable
        log.forceSync()
        let end = log.tail
        for _ in 0..<3 where log.forcedDurable < end { log.poll() }
        #expect(forced < end && log.forcedDurable == end && log.durable == end)
        _ = log.append(TestRecord(payload: [1, 2, 3]))
        log.flush(syncWanted: false)
        log.poll()
        #expect(log.forcedDurable == end || policy == .interval(milliseconds: 1_000_000), "nobody forced that")
        let (again, found) = try TestLog.open(disk.crash(using: &generator))
        #expect(found.prefix(written.count) == written[...], "seed \(seed) \(policy)")
        again.close()
    }

    @Test(arguments: policies) func closedSurvivesAPowerFailure(policy: SyncPolicy) throws {
        var generator = SeededGenerator(seed: 1)
        let disk = FaultyDisk()
        let log = try TestLog.make(disk, configuration: configuration(policy))
        let written = records(30).map { log.append($0) }
        log.close()
        let (again, found) = try TestLog.open(disk.crash(using: &generator))
        #expect(found == written)
        again.close()
    }

    /// A segment that has gone meanwhile needs no sync.
    @Test func forcedAfterDeletions() throws {
        let disk = FaultyDisk()
        var configuration = configuration(.none)
        configuration.failure = { error in Issue.record("\(error)") }
        let log = try TestLog.make(disk, configuration: configuration)
        for record in records(20) { log.release(log.append(record)) }
        log.flush(syncWanted: false)
        for _ in 0..<4 { log.poll() }
        #expect(log.statistics.segmentsDeleted > 2)
        log.forceSync()
        log.poll()
        #expect(log.forcedDurable == log.tail)
        log.close()
    }
}
