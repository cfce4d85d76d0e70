import AMQPProtocol
import SegmentLog
import Testing

@testable import Broker

/// Walks that end early, wait for pages, and leave others the core.
@Suite struct WalkLifeTests {
    private func filled(_ broker: StorageFixture, count: Int) throws -> Queue {
        let queue = try broker.queue("q")
        for number in 0..<count {
            try broker.publish("\(number)." + String(repeating: "x", count: 60), key: "q", isPersistent: number % 3 > 0)
            if number % 50 == 49 { broker.settle() }
        }
        broker.settle()
        return queue
    }

    @Test("what is not in memory is read, and shown in its order")
    func coldPages() throws {
        let broker = try StorageFixture()
        let queue = try filled(broker, count: 2000)
        let before = broker.core.storageStatistics.log.pagesRead
        let found = try Browsing.all(queue, broker.core, broker.clock, limit: 300)
        #expect(found.map { Int($0.bodyText.prefix { $0 != "." }) } == Array(0..<2000))
        #expect(broker.core.storageStatistics.log.pagesRead > before)
        #expect(queue.readyCount == 2000)
    }

    @Test("undeliverable ones are told apart, also when their list is long, cold and in no order")
    func coldUndeliverable() throws {
        let broker = try StorageFixture {
            $0.pageCacheBytes = 64 << 10
            // What is carried from segment to segment fits into one.
            $0.segmentBytes = 256 << 10
            $0.checkpointIntervalBytes = 256 << 10
        }
        let queue = try broker.queue("q", ["x-dead-letter-exchange": .string("nowhere")])
        for number in 0..<1200 {
            try broker.publish("\(number)", key: "q")
            if number % 100 == 99 { broker.settle() }
        }
        let taken = try broker.take(queue, count: 1200)
        #expect(taken.count == 1200)
        // The last first; every fifth stays with its consumer.
        for received in taken.reversed() where (Int(received.body) ?? 0) % 5 > 0 {
            queue.reject(received.entry, from: nil)
        }
        // They are tried again all the time beside the walks: nothing ever comes to rest.
        broker.core.endBurst()
        let found = try Browsing.all(queue, broker.core, broker.clock, [.undeliverable, .unacked], limit: 77)
        #expect(found.map(\.bodyText) == (0..<1200).map { "\($0)" })
        for message in found {
            let isUnacked = (Int(message.bodyText) ?? 0) % 5 == 0
            #expect(message.state == (isUnacked ? .unacked : .undeliverable))
        }
        #expect(try Browsing.all(queue, broker.core, broker.clock, .undeliverable).count == 960)
        #expect(try Browsing.all(queue, broker.core, broker.clock, .unacked).count == 240)
    }

    @Test("a walk whose queue is deleted ends, wherever it is", arguments: 0..<12)
    func deleted(turns: Int) throws {
        let broker = try StorageFixture()
        let queue = try filled(broker, count: 1500)
        var results: [Result<BrowsePage, WalkError>] = []
        queue.browse(BrowseRequest(limit: 1000)) { results.append($0) }
        for _ in 0..<turns { Browsing.turn(broker.core, broker.clock) }
        guard results.isEmpty else { return }
        _ = try broker.host.deleteQueue(queue, ifUnused: false, ifEmpty: false)
        broker.settle()
        #expect(results.count == 1)
        #expect(throws: WalkError.queueDeleted) { try results.first?.get() }
        #expect(broker.core.walks.count == 0)
        // What was asked for on its behalf may arrive late.
        for _ in 0..<5 { Browsing.turn(broker.core, broker.clock) }
        #expect(results.count == 1)
    }

    @Test("a broker that closes ends all walks, and takes no more")
    func closed() throws {
        let broker = try StorageFixture()
        let queue = try filled(broker, count: 300)
        var results: [Result<BrowsePage, WalkError>] = []
        for _ in 0..<3 { queue.browse(BrowseRequest()) { results.append($0) } }
        let core = broker.core
        core.giveUpWaiting()
        #expect(results.count == 3 && core.walks.count == 0)
        for result in results { #expect(throws: WalkError.brokerClosed) { try result.get() } }
    }

    @Test("no more walks than may be are under way")
    func tooMany() throws {
        let broker = try StorageFixture()
        let queue = try filled(broker, count: 600)
        var failures: [WalkError] = []
        var successes = 0
        for _ in 0..<WalkScheduler.walksMax + 3 {
            queue.browse(BrowseRequest(limit: 500)) { result in
                switch result {
                case .success: successes += 1
                case .failure(let error): failures.append(error)
                }
            }
        }
        #expect(failures == Array(repeating: .tooManyWalks, count: 3))
        for _ in 0..<20_000 where successes < WalkScheduler.walksMax { Browsing.turn(broker.core, broker.clock) }
        #expect(successes == WalkScheduler.walksMax && broker.core.walks.count == 0)
    }

    /// How much longer a walk takes than its own work.
    ///
    /// Others work so long, wait so long, and so on.
    private func stretch(othersNanoseconds: UInt64, pauseNanoseconds: UInt64 = 0) throws -> Double {
        let broker = try StorageFixture { $0.pageCacheBytes = 16 << 20 }
        let queue = try filled(broker, count: 3000)
        broker.clock.nanosecondsPerReading = 1000
        let begin = broker.clock.nanoseconds
        var isDone = false
        queue.browse(BrowseRequest(limit: 1000)) { _ in isDone = true }
        while !isDone {
            broker.core.runTimers()
            broker.core.endBurst()
            guard othersNanoseconds > 0 else { continue }
            // Somebody else's turn.
            broker.core.readClock()
            broker.clock.nanoseconds += othersNanoseconds
            broker.core.endBurst()
            let end = broker.clock.nanoseconds + pauseNanoseconds
            while broker.clock.nanoseconds < end, !isDone {
                broker.core.readClock()
                broker.core.runTimers()
                broker.core.endBurst()
                broker.clock.nanoseconds += min(1_000_000, end - min(end, broker.clock.nanoseconds))
            }
        }
        // One look at the clock for each message.
        return Double(broker.clock.nanoseconds - begin) / (1000 * 1000)
    }

    @Test("while others want the core, walks take no more than a thirtieth or so of it; alone they get it")
    func share() throws {
        #expect(try stretch(othersNanoseconds: 0) < 2)
        #expect(try stretch(othersNanoseconds: 50_000) > 20)
        #expect(try stretch(othersNanoseconds: 500_000) > 20)
    }

    @Test(
        "others that wait for disks and networks most of the time want the core as well; those that hardly use it cost little"
    )
    func shareBesideWaiting() throws {
        // Rendering what is found counts for 15 times as much as finding it.
        #expect(try stretch(othersNanoseconds: 100_000, pauseNanoseconds: 900_000) > 300)
        #expect(try stretch(othersNanoseconds: 100_000, pauseNanoseconds: 19_900_000) < 60)
    }
}
