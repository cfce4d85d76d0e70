import Testing

@testable import Routing

struct RouteCollectorTests {
    @Test func keepsEachDestinationOnceInTheOrderOfTheFirst() {
        var collector = RouteCollector()
        let inserted = [7, 3, 7, 1_000_000, 3, 0].map { collector.insert(DestinationID(rawValue: $0)) }
        #expect(inserted == [true, true, false, true, false, true])
        let (ids, offered) = ((0..<collector.count).map { collector[$0].rawValue }, collector.offeredCount)
        #expect(ids == [7, 3, 1_000_000, 0] && offered == 6)
    }

    @Test func clearForgetsEverything() {
        var collector = RouteCollector()
        for id: UInt32 in 0..<100 { collector.insert(DestinationID(rawValue: id)) }
        collector.clear()
        let (isEmpty, offered) = (collector.isEmpty, collector.offeredCount)
        #expect(isEmpty && offered == 0)
        collector.insert(DestinationID(rawValue: 99))
        let ids = collector.sorted()
        #expect(ids == [99])
    }

    @Test func stampsOfOldEpochsDoNotComeBack() {
        var collector = RouteCollector()
        collector.insert(DestinationID(rawValue: 5))
        collector.epoch = .max
        collector.insert(DestinationID(rawValue: 6))
        collector.clear()
        let areNew = [5, 6, 7].map { collector.insert(DestinationID(rawValue: $0)) }
        #expect(areNew == [true, true, true])
    }

    @Test func allocatesNoMoreOnceItHasSeenTheLargestRouting() {
        var collector = RouteCollector()
        for id: UInt32 in 0..<5_000 { collector.insert(DestinationID(rawValue: id)) }
        let (stamps, destinations) = (collector.stamps, collector.destinations)
        for _ in 0..<10 {
            collector.clear()
            for id: UInt32 in 0..<5_000 { collector.insert(DestinationID(rawValue: id)) }
        }
        let isSameMemory = collector.stamps == stamps && collector.destinations == destinations
        #expect(isSameMemory)
    }
}
