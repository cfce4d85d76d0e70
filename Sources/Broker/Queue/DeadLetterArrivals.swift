/// How many dead letters have come to a queue within the last minute, counted in slots of five seconds.
final class DeadLetterArrivals {
    private static let slotMilliseconds: UInt64 = 5000
    private static let slotCount: UInt64 = 12

    /// By the number of a slot since 1970, modulo their count.
    private var counts = InlineArray<12, Int>(repeating: 0)
    /// What was counted in last.
    private var current: UInt64 = 0

    func add(nowMilliseconds: UInt64) {
        begin(nowMilliseconds / Self.slotMilliseconds)
        counts[Int(current % Self.slotCount)] += 1
    }

    /// Of the last 55 to 60 seconds.
    func lastMinute(nowMilliseconds: UInt64) -> Int {
        begin(nowMilliseconds / Self.slotMilliseconds)
        return counts.indices.reduce(0) { $0 + counts[$1] }
    }

    /// Forgets slots that are over. Of a clock that was set back nothing is known.
    private func begin(_ slot: UInt64) {
        guard slot != current else { return }
        let over = slot > current ? min(slot - current, Self.slotCount) : Self.slotCount
        for step in 1...over { counts[Int((current &+ step) % Self.slotCount)] = 0 }
        current = slot
    }
}

extension Queue {
    /// A dead letter of another queue has just joined this one.
    func noteDeadLetter() {
        let arrivals = deadLetterArrivals ?? DeadLetterArrivals()
        deadLetterArrivals = arrivals
        arrivals.add(nowMilliseconds: core.nowMilliseconds)
    }

    var deadLettersLastMinute: Int { deadLetterArrivals?.lastMinute(nowMilliseconds: core.nowMilliseconds) ?? 0 }
}
