import SegmentLog
import Testing

/// Random work against a model, with crashes that lose what was not synced sector by sector, and reopening.
@Suite struct CrashTests {
    @Test(arguments: [UInt64](1...60)) func randomWorkSurvivesCrashes(seed: UInt64) throws {
        var run = try CrashRun(seed: seed)
        for _ in 0..<12 {
            for _ in 0..<Int.random(in: 1...60, using: &run.generator) { run.step() }
            try run.reopen(after: CrashRun.End.allCases.randomElement(using: &run.generator) ?? .powerFailure)
        }
        #expect(run.maxSegments > 2, "seed \(seed): the log never had more than two segments")
    }
}

/// One run: a log, and what it must hold.
///
/// Kind 1 is a message with some references; kind 2 settles the message whose position is its payload; kind 3 is pinned
/// topology, whose first byte is a key: the newest record of a key counts.
private struct CrashRun {
    /// How the process that had the log ends.
    enum End: CaseIterable {
        /// What was synced is there; what was written and not synced may be, sector by sector.
        case powerFailure
        /// What was written is there, synced or not.
        case kill
        case close
    }

    var generator: SeededGenerator
    var maxSegments = 0
    private let seed: UInt64
    private var disk: FaultyDisk
    private var log: SegmentLog
    /// Everything that was appended and not yet forgotten by a crash.
    private var written: [LogPosition: TestRecord] = [:]
    /// Messages, with the references that are held.
    private var alive: [LogPosition: Int] = [:]
    /// Settled messages, with the position of the settle record.
    private var settled: [LogPosition: TestRecord] = [:]
    private var topology: [UInt8: TestRecord] = [:]
    private var knownDamage: [RecoveryReport.Damage] = []

    init(seed: UInt64) throws {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        disk = FaultyDisk(sectorByteCount: [8, 16, 64, 512].randomElement(using: &generator) ?? 64)
        log = try TestLog.make(disk)
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<35: publish()
        case 35..<60: settleOne()
        case 60..<65: putTopology(key: UInt8.random(in: 0..<4, using: &generator))
        case 65..<75: read()
        case 75..<82: log.flush(syncWanted: false)
        case 82..<90: log.flush(syncWanted: true)
        default: log.poll()
        }
        relocate()
        maxSegments = max(maxSegments, log.statistics.segments)
    }

    private mutating func append(
        _ kind: UInt8, _ payload: [UInt8], references: Int, pinned: Bool = false
    ) -> TestRecord {
        let flags = UInt16.random(in: 0...UInt16.max, using: &generator)
        let record = log.append(
            TestRecord(kind: kind, flags: flags, payload: payload), references: references, pinned: pinned)
        written[record.position] = record
        return record
    }

    private mutating func randomPayload() -> [UInt8] {
        let isLarge = Int.random(in: 0..<12, using: &generator) == 0
        let count = Int.random(in: 0...(isLarge ? log.payloadByteCountMax : 120), using: &generator)
        let byte = Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
        return [UInt8](repeating: byte, count: count)
    }

    private mutating func publish() {
        let references = Int.random(in: 1...3, using: &generator)
        alive[append(1, randomPayload(), references: references).position] = references
    }

    private mutating func settleOne() {
        guard let position = alive.keys.sorted().randomElement(using: &generator) else { return }
        guard alive[position] == 1 else {
            alive[position, default: 0] -= 1
            return log.release(position)
        }
        let bytes = withUnsafeBytes(of: position.rawValue.littleEndian) { Array($0) }
        settled[position] = append(2, bytes, references: 0)
        alive[position] = nil
        log.release(position)
    }

    private mutating func putTopology(key: UInt8) {
        let old = topology[key]
        topology[key] = append(3, [key] + randomPayload().prefix(100), references: 1, pinned: true)
        if let old { log.release(old.position, pinned: true) }
    }

    private mutating func relocate() {
        guard let range = log.oldestSegmentToRelocate else { return }
        for (key, record) in topology.sorted(by: { $0.key < $1.key }) where range.contains(record.position) {
            #expect(log.bytes(at: record.position) == record.payload, "seed \(seed)")
            topology[key] = append(3, record.payload, references: 1, pinned: true)
            log.release(record.position, pinned: true)
        }
    }

    private mutating func read() {
        guard let position = alive.keys.sorted().randomElement(using: &generator) else { return }
        #expect(log.bytes(at: position) == written[position]?.payload, "seed \(seed)")
    }

    /// Ends the process and opens again; checks what is found, and goes on with it.
    mutating func reopen(after end: End) throws {
        let kept: LogPosition
        switch end {
        case .powerFailure:
            kept = log.durable
            disk = disk.crash(using: &generator)
        case .kill:
            kept = LogPosition(rawValue: log.tail.rawValue - UInt64(log.statistics.unwrittenBytes))
            disk.releaseLocks()
        case .close:
            log.close()
            kept = log.durable
            #expect(kept == log.tail)
        }
        let (again, found) = try TestLog.open(disk)
        log = again
        let foundPositions = Set(found.map(\.position))
        #expect(found.map(\.position) == foundPositions.sorted(), "seed \(seed): order")
        for record in found { #expect(written[record.position] == record, "seed \(seed): invented") }
        checkNothingIsLost(before: kept, found: foundPositions)
        checkReport(kept: kept)
        adopt(found)
    }

    private func checkNothingIsLost(before kept: LogPosition, found: Set<LogPosition>) {
        func isKept(_ record: TestRecord) -> Bool { record.contentEnd <= kept.rawValue }
        for position in alive.keys {
            guard let record = written[position], isKept(record) else { continue }
            #expect(found.contains(position), "seed \(seed): lost \(position)")
        }
        for (position, settle) in settled {
            guard let record = written[position], isKept(record) else { continue }
            if isKept(settle) {
                #expect(
                    !found.contains(position) || found.contains(settle.position), "seed \(seed): \(position) came back")
            } else {
                #expect(found.contains(position), "seed \(seed): lost \(position), which was not settled for good")
            }
        }
        for record in topology.values where isKept(record) {
            #expect(found.contains(record.position), "seed \(seed): lost topology")
        }
    }

    /// A crash may leave holes in what was not durable. They stay, and are reported, until their segment goes.
    private mutating func checkReport(kept: LogPosition) {
        let report = log.recovery
        defer { knownDamage += report.damage }
        for damage in report.damage + (report.tornTail.map { [$0] } ?? []) where !knownDamage.contains(damage) {
            let base = UInt64(damage.file.dropFirst(4).dropLast(4), radix: 16) ?? 0
            #expect(base + UInt64(damage.offset + damage.byteCount) > kept.rawValue, "seed \(seed): \(damage)")
        }
    }

    /// The model becomes what was found, as an owner would rebuild its state from it.
    private mutating func adopt(_ found: [TestRecord]) {
        let references = alive
        written = Dictionary(uniqueKeysWithValues: found.map { ($0.position, $0) })
        alive = [:]
        settled = [:]
        topology = [:]
        for record in found {
            switch record.kind {
            case 1: alive[record.position] = references[record.position] ?? 1
            case 2:
                let raw = record.payload.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
                let position = LogPosition(rawValue: raw)
                if alive.removeValue(forKey: position) != nil { settled[position] = record }
            default: topology[record.payload[0]] = record
            }
        }
        for (position, count) in alive { log.restoreReferences(at: position, count: count) }
        for record in topology.values { log.restoreReferences(at: record.position, count: 1, pinned: true) }
        log.finishRecovery()
    }
}
