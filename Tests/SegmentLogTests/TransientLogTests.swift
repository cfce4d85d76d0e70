import SeededRandom
import SegmentLog
import Testing

@Suite struct TransientLogTests {
    private func make(
        pageByteCount: Int, sparePagesMax: Int, cache: PageCache = TestLog.makeCache(), disk: FaultyDisk = FaultyDisk()
    ) throws -> TransientLog {
        try TransientLog(
            directory: TestLog.directory, cache: cache, disk: disk, pageByteCount: pageByteCount,
            sparePagesMax: sparePagesMax)
    }

    private func bytesHere(_ log: TransientLog, _ position: LogPosition) -> [UInt8]? {
        guard case .here(let payload) = log.access(position) else { return nil }
        return Array(payload)
    }

    @Test func millionCyclesDoNotGrow() throws {
        let log = try make(pageByteCount: 4096, sparePagesMax: 4)
        var held: [LogPosition] = []
        var residentMax = 0
        for number in 0..<1_000_000 {
            held.append(log.append(payloadCount: 100, references: 1) { $0[0] = UInt8(truncatingIfNeeded: number) })
            if held.count == 64 {
                for position in held { log.release(position) }
                held.removeAll(keepingCapacity: true)
            }
            if number == 1000 { residentMax = log.residentBytes }
        }
        #expect(log.residentBytes <= residentMax)
        #expect(log.residentBytes <= 8 * 4096)
    }

    /// One record that stays does not make the table of pages grow with what passes by.
    @Test func longHeldRecordPinsOnePage() throws {
        let log = try make(pageByteCount: 1024, sparePagesMax: 1)
        let kept = log.append(payloadCount: 3, references: 1) { $0.copyBytes(from: [1, 2, 3]) }
        var highest = LogPosition.zero
        var passing: [LogPosition] = []
        for _ in 0..<10_000 {
            passing.append(log.append(payloadCount: 500, references: 1) { _ in })
            highest = max(highest, passing[passing.count - 1])
            if passing.count == 4 { log.release(passing.removeFirst()) }
        }
        #expect(bytesHere(log, kept) == [1, 2, 3])
        #expect(log.residentBytes <= 6 * 1024)
        #expect(highest.rawValue < 16 * 1024)
    }

    @Test(arguments: [UInt64](1...20)) func randomWorkAgainstAModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let log = try make(pageByteCount: 256, sparePagesMax: 2)
        var model: [LogPosition: (payload: [UInt8], references: Int)] = [:]
        for step in 0..<3000 {
            let isGrowing = step % 1000 < 500
            if Double.random(in: 0..<1, using: &generator) < (isGrowing ? 0.6 : 0.35) || model.isEmpty {
                let isLarge = Int.random(in: 0..<20, using: &generator) == 0
                let count = Int.random(in: 0...(isLarge ? 2000 : 100), using: &generator)
                let payload = [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: count)
                let references = Int.random(in: 1...3, using: &generator)
                let position = log.append(payloadCount: count, references: references) {
                    $0.copyBytes(from: payload)
                }
                #expect(model[position] == nil && position != .zero, "seed \(seed)")
                model[position] = (payload, references)
            } else if let (position, entry) = model.randomElement(using: &generator) {
                #expect(bytesHere(log, position) == entry.payload, "seed \(seed) step \(step)")
                log.release(position)
                model[position] = entry.references == 1 ? nil : (entry.payload, entry.references - 1)
            }
        }
        for (position, entry) in model {
            #expect(bytesHere(log, position) == entry.payload, "seed \(seed)")
            for _ in 0..<entry.references { log.release(position) }
        }
        // The open page and two spare ones.
        #expect(log.residentBytes <= 3 * 256, "seed \(seed)")
    }
}
