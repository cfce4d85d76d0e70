import SeededRandom
import SegmentLog
import Testing

/// Random work against a model, with crashes that lose what was not synced sector by sector, and reopening.
@Suite struct CrashTests {
    @Test(arguments: [UInt64](1...60)) func randomWorkSurvivesCrashes(seed: UInt64) throws {
        var run = try CrashRun(seed: seed)
        for _ in 0..<12 {
            try run.work(steps: Int.random(in: 1...120, using: &run.generator))
            try run.reopen(after: CrashRun.End.allCases.randomElement(using: &run.generator) ?? .powerFailure)
        }
        run.finish()
        #expect(run.maxSegments > 2, "seed \(seed): the log never had more than two segments")
    }
}

/// One run: an owner of a log, and what must be there when it opens it again.
private struct CrashRun {
    /// How the process that had the log ends.
    enum End: CaseIterable {
        /// What was synced is there; what was written and not synced may be, sector by sector.
        case powerFailure
        /// The same, between two changes to the disk.
        case powerFailureInside
        /// What was written is there, synced or not.
        case kill
        case close
    }

    /// What is known of a message at one of its targets.
    private struct Truth {
        let body: [UInt8]
        /// Where the record ends that brought it, and that took it away.
        var published: UInt64
        var settled: UInt64?
    }

    var generator: SeededGenerator
    var maxSegments = 0
    private let seed: UInt64
    private let configuration: SegmentLog.Configuration
    private var owner: OwnerModel
    private var truth: [OwnerModel.Place: Truth] = [:]
    /// What has been found to be gone, and must never come back.
    private var gone: Set<OwnerModel.Place> = []
    /// For each key, the values that were given to it since it was last known for good, and where their records end.
    private var values: [UInt8: [(value: [UInt8], end: UInt64)]] = [:]
    /// Addresses that have been reported.
    private var knownDamage: [Range<UInt64>] = []

    init(seed: UInt64) throws {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        var configuration = TestLog.configuration
        configuration.segmentByteCount = [2048, 4096].randomElement(using: &generator) ?? 4096
        configuration.failure = { _ in }
        self.configuration = configuration
        let disk = FaultyDisk(sectorByteCount: [8, 16, 64, 512].randomElement(using: &generator) ?? 64)
        owner = try OwnerModel(disk: disk, configuration: configuration)
    }

    mutating func work(steps: Int) throws {
        for _ in 0..<steps { step() }
        checkCounts()
    }

    private mutating func step() {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<28: publish()
        case 28..<50: settleSome()
        case 50..<54: putTopology(key: UInt8.random(in: 0..<4, using: &generator))
        case 54..<60: read()
        case 60..<66: handOut()
        case 66..<70: owner.log.flush(syncWanted: false)
        case 70..<76: owner.log.flush(syncWanted: true)
        case 76..<78: owner.beginCheckpoint()
        case 78..<84: owner.jobs.poll()
        case 84..<90: owner.moveSome()
        default: owner.log.poll()
        }
        // As a broker does in every burst.
        owner.carry()
        owner.continueCheckpoint()
        owner.cache.trim(tail: owner.log.tail)
        maxSegments = max(maxSegments, owner.log.statistics.segments)
    }

    private func end(_ record: TestRecord) -> UInt64 { record.contentEnd }

    private mutating func publish() {
        let isLarge = Int.random(in: 0..<12, using: &generator) == 0
        let count = Int.random(in: 0...(isLarge ? owner.log.payloadByteCountMax - 16 : 120), using: &generator)
        let byte = Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
        let body = [UInt8](repeating: byte, count: count)
        let targets: [UInt8] = (0..<OwnerModel.targetCount).filter { $0 == 0 || Bool.random(using: &generator) }
        // The first target is the slow one: it holds what the others have long been done with.
        let id = owner.nextID
        let record = owner.publish(body, to: targets)
        for target in targets {
            truth[OwnerModel.Place(id: id, target: target)] = Truth(body: body, published: end(record))
        }
    }

    private mutating func settleSome() {
        var places = owner.entries.keys.sorted().filter { $0.target != 0 }
        if owner.entries.count - places.count > 40 || Int.random(in: 0..<4, using: &generator) == 0 {
            places = owner.entries.keys.sorted()
        }
        let some = places.shuffled(using: &generator).prefix(Int.random(in: 1...6, using: &generator))
        guard !some.isEmpty else { return }
        let record = owner.settle(Array(some))
        let settled = end(record)
        for place in some { truth[place]?.settled = settled }
    }

    private mutating func putTopology(key: UInt8) {
        let count = Int.random(in: 0...100, using: &generator)
        let value = [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: count)
        let record = owner.putTopology(key, value)
        values[key, default: []].append(([key] + value, end(record)))
    }

    private mutating func handOut() {
        guard let place = owner.entries.keys.sorted().randomElement(using: &generator) else { return }
        if owner.entries[place]?.name == nil { owner.take(place) } else { owner.putBack(place) }
    }

    private mutating func read() {
        guard let place = owner.entries.keys.sorted().randomElement(using: &generator) else { return }
        check(place)
    }

    private func check(_ place: OwnerModel.Place) {
        guard let entry = owner.entries[place] else { return }
        let body = owner.body(of: entry)
        guard !owner.disk.hasCrashed else { return }
        #expect(body == truth[place]?.body, "seed \(seed): \(place) at \(entry)")
    }

    /// What the log counts is what the owner holds.
    private func checkCounts() {
        let shares = owner.entries.values.map(\.share) + owner.topology.values.map(\.share)
        #expect(owner.log.statistics.liveBytes == shares.reduce(0, +), "seed \(seed): live bytes")
    }

    // MARK: Ends and starts

    /// Ends the process and opens again; checks what is found, and goes on with it.
    mutating func reopen(after end: End) throws {
        let kept: LogPosition
        var disk = owner.disk
        switch end {
        case .powerFailure:
            kept = owner.log.durable
            disk = disk.crash(using: &generator)
        case .powerFailureInside:
            var faults = FaultyDisk.Faults()
            faults.changesUntilCrash = Int.random(in: 0...40, using: &generator)
            disk.setFaults(faults)
            var steps = 0
            while !disk.hasCrashed, steps < 300 {
                step()
                steps += 1
            }
            kept = owner.log.durable
            disk = disk.crash(using: &generator)
        case .kill:
            kept = LogPosition(rawValue: owner.log.tail.rawValue - UInt64(owner.log.statistics.unwrittenBytes))
            disk.releaseLocks()
        case .close:
            owner.log.close()
            kept = owner.log.durable
            #expect(kept == owner.log.tail)
        }
        if Int.random(in: 0..<3, using: &generator) == 0, disk.files["log/checkpoint"] != nil {
            try disk.deleteFile(at: "log/checkpoint")
            try disk.syncDirectory(at: "log")
        }
        let written = owner.written
        let again = try OwnerModel(disk: disk, configuration: configuration) { [seed] record in
            #expect(written[record.position] == record, "seed \(seed): invented")
        }
        #expect(again.replayed == again.replayed.sorted(), "seed \(seed): order")
        again.written.merge(written) { new, _ in new }
        again.nextID = max(again.nextID, owner.nextID)
        owner = again
        checkReport(kept: kept)
        adopt(kept: kept, "seed \(seed) after \(end), checkpoint \(again.usedCheckpoint)")
    }

    private mutating func adopt(kept: LogPosition, _ comment: String) {
        for (place, known) in truth {
            let isThere = owner.entries[place] != nil
            let isSettled = known.settled.map { $0 <= kept.rawValue }
            if isSettled == true { #expect(!isThere, "\(comment): \(place) came back") }
            if known.published <= kept.rawValue, isSettled == nil { #expect(isThere, "\(comment): \(place) is lost") }
            if isThere {
                truth[place] = Truth(body: known.body, published: 0)
            } else {
                truth[place] = nil
                gone.insert(place)
            }
        }
        for place in owner.entries.keys {
            #expect(!gone.contains(place), "\(comment): \(place) came back after it was gone")
            check(place)
        }
        for (key, known) in values {
            let least = known.last { $0.end <= kept.rawValue }?.end ?? 0
            let found = owner.topology[key]?.value
            #expect(
                known.contains { $0.end >= least && $0.value == found } || (found == nil && least == 0),
                "\(comment): topology \(key)")
            values[key] = found.map { [(value: $0, end: UInt64(0))] } ?? []
        }
        checkCounts()
    }

    /// A crash may leave holes in what was not durable. They stay, and are reported, until their segment goes.
    private mutating func checkReport(kept: LogPosition) {
        let report = owner.log.recovery
        for damage in report.damage + (report.tornTail.map { [$0] } ?? []) {
            let base = UInt64(damage.file.dropFirst(4).dropLast(4), radix: 16) ?? 0
            let start = base + UInt64(damage.offset)
            let range = start..<start + UInt64(damage.byteCount)
            // What is beside a hole may have gone meanwhile, so that it looks larger now.
            let isKnown = knownDamage.contains { $0.overlaps(range) }
            #expect(isKnown || range.upperBound > kept.rawValue, "seed \(seed): \(damage)")
            knownDamage.append(range)
        }
    }

    /// Once nothing is held, nothing is kept.
    mutating func finish() {
        owner.settleDown()
        for place in owner.entries.keys.sorted() { check(place) }
        while !owner.entries.isEmpty { owner.settle(Array(owner.entries.keys.sorted().prefix(50))) }
        owner.settleDown()
        #expect(owner.log.statistics.segments <= 2 + 4, "seed \(seed): segments that nobody needs")
        for (key, placed) in owner.topology {
            owner.topology[key] = nil
            owner.log.release(placed.position, share: placed.share, pinned: true)
        }
        owner.settleDown()
        // The last checkpoint may still need what is dead.
        owner.beginCheckpoint()
        for _ in 0..<2 { owner.settleDown() }
        #expect(owner.log.statistics.liveBytes == 0, "seed \(seed)")
        #expect(owner.log.statistics.segments <= 1, "seed \(seed): \(owner.log.statistics)")
    }
}
