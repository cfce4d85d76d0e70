import AMQPProtocol

/// When somebody is to be told of what gathers in a queue: what a policy's keys `dead-letter-alert-…` say.
public final class DeadLetterAlertPolicy: Sendable, Equatable {
    enum Key: String, CaseIterable {
        case depth = "dead-letter-alert-depth"
        case rate = "dead-letter-alert-rate"
        case age = "dead-letter-alert-age"
        case unconsumed = "dead-letter-alert-unconsumed"
    }

    /// What all these keys begin with. No other key may.
    static let keyPrefix = "dead-letter-alert-"

    /// Messages in the queue; 1 for the first.
    public let depth: Int?
    /// Messages that join the queue in a second.
    public let rate: Int?
    /// Since the oldest message joined the queue.
    public let ageMilliseconds: UInt64?
    /// Whether messages in a queue without consumers are one.
    public let isUnconsumedOne: Bool

    init(depth: Int?, rate: Int?, ageMilliseconds: UInt64?, isUnconsumedOne: Bool) {
        self.depth = depth
        self.rate = rate
        self.ageMilliseconds = ageMilliseconds
        self.isUnconsumedOne = isUnconsumedOne
    }

    public static func == (left: DeadLetterAlertPolicy, right: DeadLetterAlertPolicy) -> Bool {
        left === right
            || left.depth == right.depth && left.rate == right.rate && left.ageMilliseconds == right.ageMilliseconds
                && left.isUnconsumedOne == right.isUnconsumedOne
    }

    /// - Returns: nil if the definition has none of the keys.
    /// - Throws: for values that can't be, and for keys that nobody knows.
    static func read(_ definition: FieldTable) throws(PolicyError) -> DeadLetterAlertPolicy? {
        let keys = PolicyKeys(definition, prefix: keyPrefix)
        guard !keys.isEmpty else { return nil }
        try keys.refuseUnknown(known: Key.allCases.map(\.rawValue))
        return DeadLetterAlertPolicy(
            depth: try keys.integer(Key.depth.rawValue, 1...Int64.max).map { Int($0) },
            rate: try keys.integer(Key.rate.rawValue, 1...1_000_000_000).map { Int($0) },
            ageMilliseconds: try keys.integer(Key.age.rawValue, 1000...QueueSettings.timeToLiveMillisecondsMax)
                .map { UInt64($0) },
            isUnconsumedOne: try keys.boolean(Key.unconsumed.rawValue) ?? false)
    }
}
