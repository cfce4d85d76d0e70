import AMQPProtocol

/// What a policy sets: the keys of its definition, checked and typed. Keys are RabbitMQ's, named like queue arguments
/// without `x-`.
struct PolicySettings: Equatable {
    var messageTTLMilliseconds: UInt64?
    var expiresMilliseconds: UInt64?
    var maxLength: Int?
    var maxLengthBytes: Int?
    var overflow: QueueSettings.Overflow?
    var deadLetterExchange: String?
    var deadLetterRoutingKey: String?
    /// Negative for none.
    var deliveryLimit: Int64?
    var alternateExchange: String?
    /// Keys that Harrier knows nothing of, or that have no meaning here (mirroring, placement): without effect.
    private(set) var keysWithoutEffect: [String] = []

    init() {}

    /// - Throws: for a value of a known key that can't be, as RabbitMQ refuses such a policy.
    init(definition: FieldTable) throws(PolicyError) {
        let ttlMax = QueueSettings.timeToLiveMillisecondsMax
        for entry in definition.entries {
            let (key, value) = (entry.name, entry.value)
            switch key {
            case "message-ttl": messageTTLMilliseconds = UInt64(try Self.integer(key, value, 0...ttlMax))
            case "expires": expiresMilliseconds = UInt64(try Self.integer(key, value, 1...ttlMax))
            case "max-length": maxLength = Int(try Self.integer(key, value, 0...Int64.max))
            case "max-length-bytes": maxLengthBytes = Int(try Self.integer(key, value, 0...Int64.max))
            case "delivery-limit": deliveryLimit = try Self.integer(key, value, Int64.min...Int64.max)
            case "dead-letter-exchange": deadLetterExchange = try Self.text(key, value)
            case "dead-letter-routing-key": deadLetterRoutingKey = try Self.text(key, value)
            case "alternate-exchange": alternateExchange = try Self.text(key, value)
            case "overflow":
                guard let known = QueueSettings.Overflow(rawValue: try Self.text(key, value)) else {
                    throw PolicyError(key: key, reason: "expected drop-head, reject-publish or reject-publish-dlx")
                }
                overflow = known
            default: keysWithoutEffect.append(key)
            }
        }
    }

    private static func integer(
        _ key: String, _ value: FieldValue, _ range: ClosedRange<Int64>
    ) throws(PolicyError) -> Int64 {
        guard let number = value.integerValue, range.contains(number) else {
            throw PolicyError(
                key: key, reason: "expected an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func text(_ key: String, _ value: FieldValue) throws(PolicyError) -> String {
        guard let text = value.stringValue else { throw PolicyError(key: key, reason: "expected a string") }
        return text
    }

    /// What a policy and an operator policy say together: of two numbers the smaller one counts; of the overflow
    /// behaviour the operator's. Operators limit, they route nothing: other keys of theirs are without effect.
    func merged(withOperator limits: PolicySettings) -> PolicySettings {
        var merged = self
        merged.messageTTLMilliseconds = smaller(messageTTLMilliseconds, limits.messageTTLMilliseconds)
        merged.expiresMilliseconds = smaller(expiresMilliseconds, limits.expiresMilliseconds)
        merged.maxLength = smaller(maxLength, limits.maxLength)
        merged.maxLengthBytes = smaller(maxLengthBytes, limits.maxLengthBytes)
        merged.deliveryLimit = Self.stricter(deliveryLimit, limits.deliveryLimit)
        merged.overflow = limits.overflow ?? overflow
        return merged
    }

    /// Of two delivery limits: the smaller one, or the larger one if one of them is negative, which is none.
    static func stricter(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other else { return one ?? other }
        return one < 0 || other < 0 ? max(one, other) : min(one, other)
    }
}

/// The smaller one of those that are there.
func smaller<Value: Comparable>(_ one: Value?, _ other: Value?) -> Value? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}
