import AMQPProtocol

/// That a queue's deliveries are paused when its consumers reject too much of what they get: what a policy's keys
/// `dead-letter-breaker-…` say.
public final class DeadLetterBreakerPolicy: Sendable, Equatable {
    enum Key: String, CaseIterable {
        case rate = "dead-letter-breaker-rate"
        case percent = "dead-letter-breaker-percent"
        case window = "dead-letter-breaker-window"
        case resume = "dead-letter-breaker-resume"
    }

    /// What all these keys begin with. No other key may.
    static let keyPrefix = "dead-letter-breaker-"
    static let windowMillisecondsDefault: UInt64 = 10_000

    /// Messages that are rejected, or go over their delivery limit, in a second, over a window.
    public let rate: Int
    /// Of what consumers have done with, in the same window; 0 for whatever it is.
    public let percent: Int
    public let windowMilliseconds: UInt64
    /// After so long deliveries go on by themselves; nil for not.
    public let resumeMilliseconds: UInt64?

    init(rate: Int, percent: Int, windowMilliseconds: UInt64, resumeMilliseconds: UInt64?) {
        self.rate = rate
        self.percent = percent
        self.windowMilliseconds = windowMilliseconds
        self.resumeMilliseconds = resumeMilliseconds
    }

    /// So many in a window are too many.
    public var countMax: UInt64 { max(1, UInt64(rate) * windowMilliseconds / 1000) }

    public static func == (left: DeadLetterBreakerPolicy, right: DeadLetterBreakerPolicy) -> Bool {
        left === right
            || left.rate == right.rate && left.percent == right.percent
                && left.windowMilliseconds == right.windowMilliseconds
                && left.resumeMilliseconds == right.resumeMilliseconds
    }

    /// - Returns: nil if the definition has none of the keys.
    /// - Throws: for values that can't be, for keys without `dead-letter-breaker-rate`, and for those that nobody knows.
    static func read(_ definition: FieldTable) throws(PolicyError) -> DeadLetterBreakerPolicy? {
        let keys = PolicyKeys(definition, prefix: keyPrefix)
        guard !keys.isEmpty else { return nil }
        try keys.refuseUnknown(known: Key.allCases.map(\.rawValue))
        guard let rate = try keys.integer(Key.rate.rawValue, 1...1_000_000) else {
            throw PolicyError(
                key: keys.first, reason: "means nothing without \(Key.rate.rawValue), rejected messages in a second")
        }
        return DeadLetterBreakerPolicy(
            rate: Int(rate), percent: Int(try keys.integer(Key.percent.rawValue, 1...100) ?? 0),
            windowMilliseconds: try keys.integer(Key.window.rawValue, 1000...3_600_000).map { UInt64($0) }
                ?? windowMillisecondsDefault,
            resumeMilliseconds: try keys.integer(Key.resume.rawValue, 1000...QueueSettings.timeToLiveMillisecondsMax)
                .map { UInt64($0) })
    }
}
