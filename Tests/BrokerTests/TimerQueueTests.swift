import Testing

@testable import Broker

@Suite struct TimerQueueTests {
    @Test("connections that are due at about the same time share a turn, and hold up nobody else")
    func connections() {
        var timers = TimerQueue()
        let start: UInt64 = 16 << 26
        for id: UInt64 in 1...100 { timers.schedule(.connection(id), atNanoseconds: start + id * 100_000) }
        let turn = timers.nextDeadlineNanoseconds ?? 0
        #expect((start + 10_000_000..<start + 70_000_000).contains(turn))
        timers.schedule(.turn, atNanoseconds: start + 500_000)
        #expect(timers.nextDeadlineNanoseconds == start + 500_000)
        // Whoever is awake already sees to those that are due.
        #expect(timers.popDue(start + 500_000) == .turn)
        for id: UInt64 in 1...5 { #expect(timers.popDue(start + 500_000) == .connection(id)) }
        #expect(timers.popDue(start + 500_000) == nil)
        var count = 0
        while timers.popDue(turn) != nil { count += 1 }
        #expect(count == 95 && timers.count == 0 && timers.nextDeadlineNanoseconds == nil)
    }
}
