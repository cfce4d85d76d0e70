/// How long a message that comes back waits before it is ready again: `x-delayed-retry-…`. The delay grows with the number
/// of returns, linearly as in RabbitMQ 4.3 (and LavinMQ), by a factor (LavinMQ's `multiplier`), or as a list says.
struct DelayedRetry: Equatable {
    enum Kind: String {
        case all
        case failed
        case returned

        func includes(_ cause: ReturnCause) -> Bool {
            switch self {
            case .all: true
            case .failed: cause == .failed
            case .returned: cause == .returned
            }
        }
    }

    /// The most that a list may hold.
    static let listCountMax = 100

    var kind = Kind.all
    /// Of the first return; the unit of the others.
    var minMilliseconds: UInt64
    var maxMilliseconds: UInt64?
    /// Each delay is so many times the one before it; nil for delays that grow by `minMilliseconds`.
    var multiplier: UInt64?
    /// The delays one by one, the last of them for all further returns; empty if they are computed.
    var listMilliseconds: [UInt64] = []
    /// A delay is longer by up to so many hundredths of itself, by chance.
    var jitterPercent: UInt64 = 0

    /// - Parameters:
    ///   - count: how often the message has come back, this time included.
    ///   - chance: any number: its value modulo the jitter's span is the jitter.
    func delayMilliseconds(count: UInt32, chance: @autoclosure () -> UInt64) -> UInt64 {
        let ceiling = min(maxMilliseconds ?? .max, UInt64(QueueSettings.timeToLiveMillisecondsMax))
        let delay = min(uncapped(count: UInt64(max(1, count)), ceiling: ceiling), ceiling)
        let span = delay / 100 * jitterPercent + delay % 100 * jitterPercent / 100
        return delay + (span == 0 ? 0 : chance() % (span + 1))
    }

    private func uncapped(count: UInt64, ceiling: UInt64) -> UInt64 {
        if !listMilliseconds.isEmpty { return listMilliseconds[min(Int(count), listMilliseconds.count) - 1] }
        guard let multiplier else {
            let (delay, overflow) = minMilliseconds.multipliedReportingOverflow(by: count)
            return overflow ? ceiling : delay
        }
        var delay = minMilliseconds
        guard multiplier > 1 else { return delay }
        var left = count - 1
        while left > 0, delay < ceiling {
            let (next, overflow) = delay.multipliedReportingOverflow(by: multiplier)
            delay = overflow ? ceiling : next
            left -= 1
        }
        return delay
    }
}
