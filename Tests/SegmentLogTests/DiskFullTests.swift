import SegmentLog
import Testing

/// There is no space for another segment: nothing is lost, what makes room goes on, and the log goes on once there is some.
@Suite struct DiskFullTests {
    private func make(_ disk: FaultyDisk) throws -> SegmentLog {
        var configuration = TestLog.configuration
        configuration.failure = { error in Issue.record("\(error)") }
        return try TestLog.make(disk, configuration: configuration)
    }

    private func setFull(_ disk: FaultyDisk, _ isFull: Bool) {
        var faults = FaultyDisk.Faults()
        faults.refusesReservations = isFull
        disk.setFaults(faults)
    }

    private func record(_ number: Int) -> TestRecord {
        TestRecord(payload: [UInt8](repeating: UInt8(number), count: 224))
    }

    @Test func roundWaitsUntilThereIsSpace() throws {
        let disk = FaultyDisk()
        let log = try make(disk)
        var records = [log.append(record(0))]
        log.settle()
        setFull(disk, true)
        let durable = log.durable
        for number in 1..<8 { records.append(log.append(record(number))) }
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.isDiskFull && !log.isSaturated && log.durable == durable)
        // What comes meanwhile is kept, and nothing is written.
        let written = disk.journal.count
        for number in 8..<12 { records.append(log.append(record(number))) }
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.durable == durable && disk.journal.count == written)
        for record in records { #expect(log.bytes(at: record.position) == record.payload) }
        // Tried too early.
        log.retryStalledRound()
        log.poll()
        #expect(log.isDiskFull && log.durable == durable)
        setFull(disk, false)
        log.retryStalledRound()
        #expect(!log.isDiskFull)
        log.settle()
        #expect(!log.isDiskFull && log.durable == log.tail)
        log.close()
        let (again, found) = try TestLog.open(disk)
        #expect(found == records && again.recovery.damageCount == 0)
        again.close()
    }

    @Test func nothingHalfMadeIsLeftBehind() throws {
        let disk = FaultyDisk()
        let log = try make(disk)
        for number in 0..<3 { _ = log.append(record(number)) }
        setFull(disk, true)
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.isDiskFull && TestLog.segmentPaths(disk).isEmpty)
        setFull(disk, false)
        log.retryStalledRound()
        log.settle()
        setFull(disk, true)
        log.flush(syncWanted: true)
        log.poll()
        // The next one is made ahead, and nobody needs it yet.
        #expect(!log.isDiskFull)
        log.close()
    }

    /// What is dead already goes even while a round waits: it may be what makes room.
    @Test func deletionsGoOn() throws {
        let disk = FaultyDisk()
        let log = try make(disk)
        var records = (0..<9).map { log.append(record($0)) }
        log.settle()
        setFull(disk, true)
        for number in 9..<16 { records.append(log.append(record(number))) }
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.isDiskFull)
        let before = log.durable
        // Nothing is appended for it: it is as if what settled them had been durable before.
        let deadSince = log.tail
        for record in records[..<3] { log.release(record) }
        log.flush(syncWanted: true)
        log.retryStalledRound()
        log.poll()
        #expect(log.durable == before && before < deadSince, "what took the last reference away is not durable")
        #expect(TestLog.segmentPaths(disk).contains(TestLog.path(segment: 0)))
        setFull(disk, false)
        log.retryStalledRound()
        log.settle()
        log.poll()
        #expect(!TestLog.segmentPaths(disk).contains(TestLog.path(segment: 0)))
        for record in records[3...] { #expect(log.bytes(at: record.position) == record.payload) }
        log.close()
    }

    /// Segments that had died before, and waited for others, go with a retry.
    @Test func retryTakesDeletionsAlong() throws {
        let disk = FaultyDisk()
        let log = try make(disk)
        let waiting = (0..<3).map { log.append(record($0)) }
        let others = (3..<6).map { number in
            let record = log.append(record(number))
            _ = log.noteSettled(waiting[0].position)
            return record
        }
        _ = log.append(record(6))
        log.settle()
        // The second is dead, and waits for the first, or for its settles to be carried.
        for record in others { log.release(record) }
        log.settle()
        log.poll()
        #expect(log.statistics.segments == 3 && log.takeSegmentsToCarry() == [1])
        setFull(disk, true)
        for number in 7..<16 { _ = log.append(record(number)) }
        log.flush(syncWanted: true)
        log.poll()
        #expect(log.isDiskFull)
        #expect(log.hasCarried(1) != nil)
        setFull(disk, false)
        log.retryStalledRound()
        log.settle()
        log.poll()
        #expect(!TestLog.segmentPaths(disk).contains(TestLog.path(segment: 1)))
        log.close()
    }
}
