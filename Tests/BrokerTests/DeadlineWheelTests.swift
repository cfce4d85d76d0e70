import SeededRandom
import SegmentLog
import Testing

@testable import Broker

/// The wheel against a sorted list.
@Suite struct DeadlineWheelTests {
    private let tick: UInt64 = 1 << DeadlineWheel.tickShift

    private func makeWheel(_ fixture: StorageFixture, now: UInt64) -> DeadlineWheel {
        DeadlineWheel(store: fixture.core.indexes, nowMilliseconds: now)
    }

    /// Where nothing is due.
    private func take(_ wheel: DeadlineWheel, now: UInt64) -> DeadlineWheel.End? {
        var due: [DeadlineWheel.Due] = []
        defer { #expect(due.isEmpty) }
        return wheel.take(nowMilliseconds: now, upTo: 1, into: &due)
    }

    /// Everything that is due, waiting for pages.
    private func drain(_ wheel: DeadlineWheel, now: UInt64, _ fixture: StorageFixture) -> [UInt64] {
        var due: [DeadlineWheel.Due] = []
        while true {
            // Some at a time, as the broker takes them.
            switch wheel.take(nowMilliseconds: now, upTo: due.count + 7, into: &due) {
            case nil, .more: continue
            case .nothingDue: return due.map(\.sequence)
            case .away:
                wheel.fetch(for: fixture.core.expiryWaiter)
                fixture.core.cache.jobs.drain()
            }
        }
    }

    @Test("what is due comes out when it is, never before, and once", arguments: 1...20 as ClosedRange<UInt64>)
    func againstModel(seed: UInt64) throws {
        let fixture = try StorageFixture()
        var random = SeededGenerator(seed: seed)
        var now: UInt64 = 1_700_000_000_000 + random.next() % 1_000_000
        let wheel = makeWheel(fixture, now: now)
        var deadlines: [UInt64: UInt64] = [:]
        var sequence: UInt64 = 0
        for _ in 0..<300 {
            for _ in 0..<random.next() % 30 {
                // From milliseconds to years, as many of each.
                let span = UInt64(1) << (random.next() % 38)
                sequence += 1
                deadlines[sequence] = now + random.next() % span
                let due = wheel.insert(
                    DeadlineWheel.Due(queueID: 7, sequence: sequence), deadlineMilliseconds: deadlines[sequence] ?? 0)
                #expect(due > deadlines[sequence] ?? 0 && due <= (deadlines[sequence] ?? 0) + tick, "seed \(seed)")
            }
            now += random.next() % (1 << (random.next() % 34))
            for found in drain(wheel, now: now, fixture) {
                let known = deadlines.removeValue(forKey: found)
                let deadline = try #require(known, "seed \(seed): twice")
                #expect(deadline < now, "seed \(seed): too early")
            }
            #expect(deadlines.values.allSatisfy { $0 + tick >= now }, "seed \(seed): late at \(now)")
            #expect(wheel.count == deadlines.count)
            if let next = wheel.nextEventMilliseconds, let first = deadlines.values.min() {
                #expect(next > now && next <= first + tick, "seed \(seed)")
            }
        }
    }

    @Test("a slot with very many deadlines is dealt out in pieces")
    func dealtOutInPieces() throws {
        let fixture = try StorageFixture { $0.pageCacheBytes = 16 << 20 }
        let wheel = makeWheel(fixture, now: 0)
        for sequence in 0..<5000 as Range<UInt64> {
            wheel.insert(
                DeadlineWheel.Due(queueID: 1, sequence: sequence), deadlineMilliseconds: 2_000_000 + sequence * 2)
        }
        // All of them are in one slot of the third level, which is dealt out before its time.
        var pieces = 0
        while take(wheel, now: 1_995_000) == .more { pieces += 1 }
        #expect(pieces == 4)
        #expect(take(wheel, now: 1_995_000) == .nothingDue && wheel.count == 5000)
        #expect(drain(wheel, now: 3_000_000, fixture) == Array(0..<5000))
    }

    @Test("what is due comes while a slot is being dealt out, and before the rest of that")
    func dueWhileDealing() throws {
        let fixture = try StorageFixture { $0.pageCacheBytes = 16 << 20 }
        let wheel = makeWheel(fixture, now: 0)
        for sequence in 0..<5000 as Range<UInt64> {
            wheel.insert(
                DeadlineWheel.Due(queueID: 1, sequence: sequence), deadlineMilliseconds: 2_000_000 + sequence)
        }
        #expect(take(wheel, now: 1_995_000) == .more)
        let urgent = DeadlineWheel.Due(queueID: 1, sequence: 9999)
        wheel.insert(urgent, deadlineMilliseconds: 1_995_000)
        var due: [DeadlineWheel.Due] = []
        #expect(wheel.take(nowMilliseconds: 1_995_008, upTo: 2, into: &due) == .more)
        #expect(due == [urgent])
        #expect(drain(wheel, now: 3_000_000, fixture).count == 5000)
    }

    @Test("many deadlines page out")
    func pagesOut() throws {
        let fixture = try StorageFixture()
        let wheel = makeWheel(fixture, now: 0)
        for sequence in 0..<20_000 as Range<UInt64> {
            wheel.insert(
                DeadlineWheel.Due(queueID: 1, sequence: sequence), deadlineMilliseconds: sequence * 7919 % 100_000)
            if sequence % 500 == 0 { fixture.settle() }
        }
        fixture.settle()
        #expect(fixture.core.storageStatistics.cache.evictions > 50)
        #expect(Set(drain(wheel, now: 100_016, fixture)) == Set(0..<20_000))
    }
}
