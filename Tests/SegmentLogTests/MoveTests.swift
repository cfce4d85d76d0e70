import SeededRandom
import Testing

@testable import SegmentLog

/// Segments that are mostly dead are emptied, so that a slow owner does not pin what fast ones are done with.
@Suite struct MoveTests {
    private typealias Place = OwnerModel.Place

    private var configuration: SegmentLog.Configuration {
        var configuration = TestLog.configuration
        configuration.segmentByteCount = 4096
        configuration.failure = { error in Issue.record("\(error)") }
        return configuration
    }

    /// One target keeps a tenth of what comes, others settle at once: disk use stays bound to what is alive.
    @Test(arguments: [UInt64](1...8)) func diskUseIsBound(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let owner = try OwnerModel(disk: FaultyDisk(), configuration: configuration, cacheByteCount: 2048)
        let slowOdds = Double.random(in: 0.02...0.4, using: &generator)
        var bodies: [Place: [UInt8]] = [:]
        for step in 0..<1200 {
            let before = owner.log.statistics.bytesAppended
            let isSlow = Double.random(in: 0..<1, using: &generator) < slowOdds
            let count = Int.random(in: 0...(step % 50 == 0 ? 1500 : 200), using: &generator)
            let body = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: count)
            let id = owner.nextID
            owner.publish(body, to: isSlow ? [0, 1] : [1])
            if isSlow { bodies[Place(id: id, target: 0)] = body }
            owner.settle([Place(id: id, target: 1)])
            let slow = bodies.keys.sorted()
            if slow.count > 60, Bool.random(using: &generator), let place = slow.randomElement(using: &generator) {
                owner.settle([place])
                bodies[place] = nil
            } else if Int.random(in: 0..<20, using: &generator) == 0, let place = slow.randomElement(using: &generator)
            {
                if owner.entries[place]?.name == nil { owner.take(place) } else { owner.putBack(place) }
            }
            endBurst(owner, since: before)
            // Two are allowed for in any case, and one is being emptied. The dead ones wait for the next sync, or carry.
            let live = Double(owner.log.statistics.liveBytes)
            let dead = owner.log.deadNumbers.count
            let needed = Double(owner.log.statistics.segments - dead)
            #expect(needed <= 2 * live / 4096 + 2 + 1 && dead <= 3, "seed \(seed) step \(step)")
        }
        for (place, body) in bodies {
            let entry = try #require(owner.entries[place])
            #expect(owner.body(of: entry) == body, "seed \(seed) \(place)")
        }
        let statistics = owner.log.statistics
        #expect(statistics.pagesMoved > 0 && statistics.readFailures == 0, "seed \(seed)")
        owner.settle(Array(bodies.keys))
        owner.settleDown()
        #expect(owner.log.statistics.liveBytes == 0 && owner.log.statistics.segments <= 1, "seed \(seed)")
    }

    private func endBurst(_ owner: OwnerModel, since bytesBefore: Int) {
        owner.log.flush(syncWanted: true)
        owner.log.poll()
        owner.carry()
        // Three bytes are looked at for each that has come: more than half of every segment that is emptied is dead.
        let grown = owner.log.statistics.bytesAppended - bytesBefore
        for _ in 0..<3 * grown / TestLog.pageByteCount + 1 {
            if !owner.moveSome() { owner.cache.jobs.poll() }
        }
        owner.cache.trim(tail: owner.log.tail)
    }

    /// Whoever was handed a message knows it by its old place, however often it moves.
    @Test func namesFollowTwoMoves() throws {
        let owner = try OwnerModel(disk: FaultyDisk(), configuration: configuration)
        let log = owner.log
        let body = [UInt8](repeating: 7, count: 100)
        // Two hold it from the start, a third takes it after the first move.
        owner.publish(body, to: [0, 1, 2, 3])
        let places = (0..<4).map { Place(id: 1, target: UInt8($0)) }
        for place in places[..<2] { owner.take(place) }
        let first = try #require(owner.entries[places[0]]).position
        var positions: [LogPosition] = [first]
        for move in 0..<2 {
            // The segment is filled with what goes at once, until it is worth emptying.
            while owner.entries[places[0]]?.position == positions.last {
                let id = owner.nextID
                owner.publish([UInt8](repeating: 0, count: 200), to: [0])
                owner.settle([Place(id: id, target: 0)])
                endBurst(owner, since: log.statistics.bytesAppended - 200)
            }
            positions.append(try #require(owner.entries[places[0]]).position)
            if move == 0 { owner.take(places[2]) }
            for place in places {
                let entry = try #require(owner.entries[place])
                #expect(entry.position == positions.last && owner.body(of: entry) == body)
            }
        }
        #expect(try #require(owner.entries[places[0]]).name == first)
        #expect(try #require(owner.entries[places[2]]).name == positions[1])
        owner.settleDown()
        #expect(!log.hasSegment(of: first))
        // One gives it back, and is handed it anew; then all are done with it, in any order.
        owner.putBack(places[1])
        owner.take(places[1])
        let live = log.statistics.liveBytes
        for place in [places[2], places[0], places[3], places[1]] {
            let entry = try #require(owner.entries[place])
            #expect(owner.body(of: entry) == body)
            let before = log.statistics.liveBytes
            owner.settle([place])
            #expect(log.statistics.liveBytes == before - entry.share)
        }
        #expect(live > 0 && log.statistics.liveBytes == 0)
        owner.settleDown()
        #expect(log.statistics.segments <= 1)
        log.close()
    }

    /// A dead segment whose records settle something that stays is held back until that has been said anew, for good.
    @Test func deadSegmentsWaitUntilTheirSettlesAreCarried() throws {
        let disk = FaultyDisk()
        let log = try TestLog.make(disk)
        func fill(_ number: Int, references: Int = 1) -> TestRecord {
            log.append(TestRecord(payload: [UInt8](repeating: UInt8(number), count: 224)), references: references)
        }
        let stays = fill(0)
        let settled = fill(1)
        _ = fill(2, references: 0)
        // The second segment settles something in the first, which stays.
        let passing = fill(3)
        #expect(log.noteSettled(settled.position) == 1)
        #expect(log.noteSettled(passing.position) == nil, "that is in the same segment")
        log.release(settled)
        log.release(passing)
        _ = fill(4, references: 0)
        _ = fill(5, references: 0)
        let later = fill(6)
        log.settle()
        log.poll()
        #expect(log.takeSegmentsToCarry() == [1] && log.takeSegmentsToCarry().isEmpty)
        log.flush(syncWanted: false)
        #expect(log.takeSegmentsToCarry() == [1], "it asks until that has been done")
        _ = fill(7, references: 0)
        #expect(log.noteCarried(from: 1) == 2 && log.hasCarried(1) == 2)
        log.flush(syncWanted: false)
        let path = TestLog.path(segment: 1)
        #expect(disk.files[path] != nil, "what carries it is not durable")
        log.settle()
        for _ in 0..<2 { log.poll() }
        #expect(disk.files[path] == nil && disk.files[TestLog.path(segment: 0)] != nil)
        // The next one has it now.
        for number in 8..<10 { _ = fill(number, references: 0) }
        log.release(later)
        log.settle()
        for _ in 0..<2 { log.poll() }
        #expect(log.takeSegmentsToCarry() == [2] && disk.files[TestLog.path(segment: 2)] != nil)
        // Once what it settles is gone, there is nothing to be said.
        log.release(stays)
        log.settle()
        for _ in 0..<3 { log.poll() }
        #expect(TestLog.segmentPaths(disk).first == TestLog.path(segment: 3))
        log.close()
    }
}
