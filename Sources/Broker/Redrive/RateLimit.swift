/// So much in a second: what is taken is paid back as time goes by. A tenth of a second's worth may be taken at once.
struct RateLimit {
    /// Waits are not shorter: some messages are moved then, not one.
    private static let waitNanosecondsMin: UInt64 = 5_000_000

    private let perSecond: Double
    private let most: Double
    private var left: Double
    private var lastNanoseconds: UInt64

    init(perSecond: Int, nowNanoseconds: UInt64) {
        self.perSecond = Double(perSecond)
        most = max(1, Double(perSecond) / 10)
        left = most
        lastNanoseconds = nowNanoseconds
    }

    /// How long to wait before something may be taken; 0 for not at all.
    mutating func waitNanoseconds(_ now: UInt64) -> UInt64 {
        if now > lastNanoseconds {
            left = min(most, left + Double(now - lastNanoseconds) / 1e9 * perSecond)
            lastNanoseconds = now
        }
        return left >= 1 ? 0 : max(Self.waitNanosecondsMin, UInt64((1 - left) / perSecond * 1e9) + 1)
    }

    mutating func take(_ amount: Int) { left -= Double(amount) }
}
