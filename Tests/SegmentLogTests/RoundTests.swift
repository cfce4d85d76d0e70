import SegmentLog
import Synchronization
import Testing

/// Group commit: who is durable when, and at the price of how many syncs.
@Suite struct RoundTests {
    private static func configuration(_ policy: SyncPolicy) -> SegmentLog.Configuration {
        var configuration = TestLog.configuration
        configuration.sync = policy
        return configuration
    }

    @Test func whatIsAppendedDuringARoundGoesWithTheNext() throws {
        let log = try TestLog.make()
        _ = log.append(TestRecord(payload: [1]))
        let firstEnd = log.tail
        log.flush(syncWanted: true)
        for number in 0..<5 {
            _ = log.append(TestRecord(payload: [UInt8(number)]))
            log.flush(syncWanted: true)
        }
        #expect(log.durable < firstEnd)
        log.poll()
        #expect(log.durable == firstEnd)
        log.poll()
        #expect(log.durable == log.tail)
        #expect(log.statistics.writeRounds == 2)
        // One more for the new segment's header.
        #expect(log.statistics.syncs == 2)
        log.poll()
        #expect(log.statistics.writeRounds == 2)
        log.close()
    }

    @Test func unwantedSyncsAreNotMade() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        let start = log.durable
        for number in 0..<3 {
            _ = log.append(TestRecord(payload: [UInt8(number)]))
            log.flush(syncWanted: false)
            log.poll()
        }
        #expect(log.durable == start && log.statistics.syncs == 0)
        #expect(log.statistics.unwrittenBytes == 0)
        // Nothing new to write: a round of its own for the sync, which covers all three.
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.durable == log.tail && log.statistics.syncs == 1)
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.statistics.syncs == 1 && log.statistics.writeRounds == 4)
        log.close()
    }

    @Test func nothingToDoStartsNothing() throws {
        let notices = Mutex(0)
        let log = try TestLog.open(FaultyDisk(), notify: { notices.withLock { $0 += 1 } }).log
        log.finishRecovery()
        log.flush(syncWanted: true)
        log.poll()
        #expect(notices.withLock { $0 } == 0)
        _ = log.append(TestRecord(payload: [1]))
        log.flush(syncWanted: true)
        #expect(notices.withLock { $0 } == 1)
        log.close()
    }

    @Test func onlyNewBytesAreWritten() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        _ = log.append(TestRecord(payload: [1]))
        log.settle()
        let before = disk.journal.count
        _ = log.append(TestRecord(payload: [2, 3]))
        _ = log.append(TestRecord(payload: []))
        log.settle()
        let path = TestLog.path(segment: 0)
        #expect(disk.journal[before...] == ["write \(path) 88..<128", "sync \(path)"])
        log.close()
    }

    @Test(arguments: [SyncPolicy.none, .interval(milliseconds: 1_000_000)])
    func otherPoliciesAreDurableOnceWritten(policy: SyncPolicy) throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk, configuration: Self.configuration(policy))
        for number in 0..<40 {
            _ = log.append(TestRecord(payload: [UInt8](repeating: UInt8(number), count: 100)))
            log.flush(syncWanted: false)
            #expect(log.durable < log.tail)
            log.poll()
            #expect(log.durable == log.tail)
        }
        if policy == .none { #expect(log.statistics.syncs == 0) }
        log.close()
        // Closing syncs whatever the policy is.
        #expect(log.statistics.syncs > 0)
    }

    @Test func intervalSyncsByItself() async throws {
        var configuration = Self.configuration(.interval(milliseconds: 1))
        configuration.writer = .ownThread
        let disk = FaultyDisk()
        let log = try TestLog.make(disk, configuration: configuration)
        _ = log.append(TestRecord(payload: [1]))
        await withCheckedContinuation { continuation in
            let waiting = Mutex<CheckedContinuation<Void, Never>?>(continuation)
            let path = TestLog.path(segment: 0)
            var faults = FaultyDisk.Faults()
            faults.onSync = {
                // The first sync is that of the new segment's header; the record is written when the next one comes.
                guard disk.journal.contains("write \(path) 64..<88") else { return }
                waiting.withLock { $0.take() }?.resume()
            }
            disk.setFaults(faults)
            log.flush(syncWanted: false)
        }
        log.close()
    }

    /// A log whose writer has a thread of its own, and what it says is counted.
    private static func openThreaded(_ disk: FaultyDisk, _ notices: NoticeCount) throws -> SegmentLog {
        var configuration = TestLog.configuration
        configuration.writer = .ownThread
        let log = try SegmentLog.open(
            directory: TestLog.directory, configuration: configuration, cache: TestLog.makeCache(), disk: disk,
            notify: { notices.value.withLock { $0 += 1 } })
        log.prepareSegments()
        try log.replay(from: nil) { _ in }
        log.finishRecovery()
        return log
    }

    /// Appends records to such a log, calling `each` behind each of them, and `then` at the end; all of them are found again.
    private static func append200(
        _ notices: NoticeCount, _ each: (SegmentLog, Int) -> Void, then: (SegmentLog) -> Void
    ) throws {
        let disk = FaultyDisk()
        let log = try openThreaded(disk, notices)
        var records: [TestRecord] = []
        for number in 0..<200 {
            records.append(log.append(TestRecord(payload: [UInt8](repeating: UInt8(number), count: number))))
            each(log, number)
        }
        then(log)
        log.close()
        #expect(log.durable == log.tail)
        let (again, found) = try TestLog.open(disk)
        #expect(found == records)
        again.close()
    }

    private final class NoticeCount: Sendable {
        let value = Mutex(0)
    }

    @Test func whatNobodyWaitsForIsWrittenInTheQuiet() throws {
        let notices = NoticeCount()
        let log = try Self.openThreaded(FaultyDisk(), notices)
        for number in 0..<5 {
            _ = log.append(TestRecord(payload: [UInt8(number)]))
            log.flush(syncWanted: false)
        }
        log.waitForWriter()
        #expect(log.statistics.unwrittenBytes == 0)
        #expect(notices.value.withLock { $0 } == 0)
        _ = log.append(TestRecord(payload: [6]))
        log.flush(syncWanted: true)
        log.waitForWriter()
        #expect(log.durable == log.tail)
        #expect(notices.value.withLock { $0 } == 1)
        log.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func whatIsHandedOverMeanwhileFollowsByItself() throws {
        try Self.append200(NoticeCount()) { log, _ in
            log.flush(syncWanted: true)
        } then: { log in
            // Nobody polls, and there is nothing new to hand over.
            while log.durable < log.tail { log.flush(syncWanted: false) }
        }
    }

    @Test func ownThreadNotifies() throws {
        let notices = NoticeCount()
        try Self.append200(notices) { log, number in
            log.flush(syncWanted: number % 3 == 0)
            if number % 5 == 0 { log.poll() }
        } then: { log in
            log.waitForWriter()
            #expect((1...log.statistics.writeRounds).contains(notices.value.withLock { $0 }))
        }
    }

    @Test func eachSegmentIsSyncedBeforeTheNextIsWritten() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        for number in 0..<30 { _ = log.append(TestRecord(payload: [UInt8](repeating: UInt8(number), count: 200))) }
        log.flush(syncWanted: false)
        log.poll()
        var lastSegmentWritten: String?
        var isSynced = true
        for entry in disk.journal where entry.contains(".seg") {
            let words = entry.split(separator: " ").map(String.init)
            // A header is written when the file is made, ahead of its turn.
            if words[0] == "write", words[2] != "0..<64" {
                #expect(words[1] == lastSegmentWritten || isSynced)
                lastSegmentWritten = words[1]
                isSynced = false
            } else if words[0] == "sync", words[1] == lastSegmentWritten {
                isSynced = true
            }
        }
        #expect(lastSegmentWritten == TestLog.path(segment: 9))
        log.close()
    }

    // MARK: Failures

    private func failing(
        _ faults: FaultyDisk.Faults, writer: SegmentLog.Configuration.WriterPlacement
    ) throws -> (errors: [StorageError], disk: FaultyDisk) {
        let errors = Mutex<[StorageError]>([])
        let disk = FaultyDisk()
        var configuration = TestLog.configuration
        configuration.writer = writer
        configuration.failure = { error in errors.withLock { $0.append(error) } }
        let log = try TestLog.make(disk, configuration: configuration)
        _ = log.append(TestRecord(payload: [1]))
        log.settle()
        let durable = log.durable
        disk.setFaults(faults)
        for number in 0..<3 {
            _ = log.append(TestRecord(payload: [UInt8](repeating: UInt8(number + 1), count: 100)))
            log.flush(syncWanted: true)
            log.poll()
        }
        disk.setFaults(FaultyDisk.Faults())
        let before = disk.journal
        log.flush(syncWanted: true)
        log.poll()
        log.close()
        #expect(log.durable == durable, "nothing is durable after a failure")
        #expect(disk.journal == before, "nothing is tried again")
        return (errors.withLock { $0 }, disk)
    }

    @Test func failedSyncIsFatal() throws {
        var faults = FaultyDisk.Faults()
        faults.failsSync = true
        let (errors, _) = try failing(faults, writer: .insidePoll)
        #expect(errors == [.system(operation: "fdatasync", path: TestLog.path(segment: 0), errno: 5)])
    }

    @Test func fullDiskIsFatal() throws {
        var faults = FaultyDisk.Faults()
        faults.freeBytes = 50
        let (errors, disk) = try failing(faults, writer: .insidePoll)
        #expect(errors == [.system(operation: "pwrite", path: TestLog.path(segment: 0), errno: 28)])
        // What was torn in the middle of a record is cut when the log is opened again.
        let (log, records) = try TestLog.open(disk)
        #expect(records.map(\.payload) == [[1]])
        #expect(log.recovery.tornBytesCut > 0)
        log.close()
    }
}
