/// How many messages have died in a queue since the broker was started, by reason, and by whether they had somewhere to go.
public struct DeathCounts: Sendable {
    private var counts = InlineArray<8, UInt64>(repeating: 0)

    /// - Parameter isDeadLetter: the queue has a dead-letter exchange; otherwise the message is dropped.
    @inline(__always)
    mutating func add(_ reason: DeadLetterReason, isDeadLetter: Bool) {
        counts[Self.index(reason, isDeadLetter)] &+= 1
    }

    @inline(__always)
    private static func index(_ reason: DeadLetterReason, _ isDeadLetter: Bool) -> Int {
        Int(reason.code) | (isDeadLetter ? 0 : 4)
    }

    /// Reasons by their names in `x-death`, with their counts, those without any left out.
    public func named(isDeadLetter: Bool) -> [(reason: String, count: UInt64)] {
        DeadLetterReason.allCases.compactMap { reason in
            let count = counts[Self.index(reason, isDeadLetter)]
            return count > 0 ? (reason.rawValue, count) : nil
        }
    }

    /// What no consumer has had a hand in: it expired, or there was no room.
    var withoutConsumer: UInt64 {
        [false, true].reduce(0) { sum, isDeadLetter in
            sum + counts[Self.index(.expired, isDeadLetter)] + counts[Self.index(.maxLength, isDeadLetter)]
        }
    }
}
