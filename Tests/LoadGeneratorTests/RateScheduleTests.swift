import SeededRandom
import TestSeeds
import Testing

@testable import LoadGenerator

@Suite struct RateScheduleTests {
    @Test func aMessageIsDueAtTheStartAndThenAtTheRate() {
        let schedule = RateSchedule(start: 1_000, perSecond: 1_000)
        #expect(schedule.dueCount(at: 999) == 0)
        #expect(schedule.dueCount(at: 1_000) == 1)
        #expect(schedule.dueCount(at: 1_000_999) == 1)
        #expect(schedule.dueCount(at: 1_001_000) == 2)
        #expect(schedule.dueTime(ofMessage: 3) == 3_001_000)
    }

    @Test("whatever the rate: counts and due times agree, and an hour on nothing has drifted")
    func noDrift() {
        var random = SeededGenerator()
        for _ in 0..<2_000 {
            let rate = Double(1 + random.next(upTo: 3_000_000)) / 7
            let schedule = RateSchedule(start: UInt64(random.next(upTo: 1 << 40)), perSecond: rate)
            let index = random.next(upTo: Int(rate * 3600) + 1)
            let due = schedule.dueTime(ofMessage: index)
            #expect(schedule.dueCount(at: due) > index, "\(rate) \(index)")
            #expect(due == schedule.start || schedule.dueCount(at: due - 1) <= index, "\(rate) \(index)")
            #expect(abs(Double(due - schedule.start) - Double(index) * 1e9 / rate) <= 2, "\(rate) \(index)")
        }
    }
}
