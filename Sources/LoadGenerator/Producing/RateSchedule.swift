/// When each message of a steady rate is due. Reckoned from the start, not from the message before: what comes late
/// makes nothing after it late.
struct RateSchedule {
    let start: UInt64
    let perSecond: Double

    /// When the message is due that comes behind so many; in nanoseconds of the clock that ``start`` is of.
    func dueTime(ofMessage index: Int) -> UInt64 {
        start + UInt64((Double(index) * 1e9 / perSecond).rounded(.up))
    }

    /// How many messages are due by then, from the start.
    func dueCount(at now: UInt64) -> Int {
        guard now >= start else { return 0 }
        var count = Int(Double(now - start) * perSecond / 1e9) + 1
        // Whatever rounding did: the count agrees with the due times.
        while dueTime(ofMessage: count) <= now { count += 1 }
        while count > 0, dueTime(ofMessage: count - 1) > now { count -= 1 }
        return count
    }
}
