import AMQPProtocol

/// What a policy sets: the keys of its definition, checked and typed. Keys are RabbitMQ's, named like queue arguments
/// without `x-`.
struct PolicySettings: Equatable {
    var limits = QueueLimits()
    var overflow: QueueSettings.Overflow?
    var deadLetterExchange: String?
    var deadLetterRoutingKey: String?
    var deadLetterStrategy: QueueSettings.DeadLetterStrategy?
    var retry = DelayedRetrySettings()
    var alternateExchange: String?
    var redrive: RedrivePolicy?
    var breaker: DeadLetterBreakerPolicy?
    var alerts: DeadLetterAlertPolicy?
    /// Keys that Harrier knows nothing of, or that have no meaning here (mirroring, placement): without effect.
    private(set) var keysWithoutEffect: [String] = []

    /// Of keys that mean something together.
    private static let prefixesReadTogether = [
        RedrivePolicy.keyPrefix, DeadLetterBreakerPolicy.keyPrefix, DeadLetterAlertPolicy.keyPrefix,
    ]

    /// What an operator policy can say: others limit nothing.
    private static let operatorKeys: Set<String> = [
        "message-ttl", "expires", "max-length", "max-length-bytes", "max-dead-letter-hops", "delivery-limit",
        "consumer-timeout", "overflow",
    ]

    init() {}

    /// - Throws: for a value of a known key that can't be, as RabbitMQ refuses such a policy.
    init(definition: FieldTable, isOperator: Bool = false) throws(PolicyError) {
        try read(definition)
        guard isOperator else { return }
        keysWithoutEffect = definition.entries.map(\.name).filter { !Self.operatorKeys.contains($0) }
    }

    private mutating func read(_ definition: FieldTable) throws(PolicyError) {
        let ttlMax = QueueSettings.timeToLiveMillisecondsMax
        for entry in definition.entries {
            let (key, value) = (entry.name, entry.value)
            switch key {
            case "message-ttl": limits.messageTTLMilliseconds = UInt64(try PolicyKeys.integer(key, value, 0...ttlMax))
            case "expires": limits.expiresMilliseconds = UInt64(try PolicyKeys.integer(key, value, 1...ttlMax))
            case "max-length": limits.maxLength = Int(try PolicyKeys.integer(key, value, 0...Int64.max))
            case "max-length-bytes": limits.maxLengthBytes = Int(try PolicyKeys.integer(key, value, 0...Int64.max))
            case "max-dead-letter-hops":
                limits.maxDeadLetterHops = Int(try PolicyKeys.integer(key, value, 0...Int64.max))
            case "delivery-limit": limits.namedDeliveryLimit = try PolicyKeys.integer(key, value, Int64.min...Int64.max)
            case "consumer-timeout":
                limits.consumerTimeoutMilliseconds = UInt64(try PolicyKeys.integer(key, value, 1...ttlMax))
            case "dead-letter-exchange": deadLetterExchange = try PolicyKeys.text(key, value)
            case "dead-letter-routing-key": deadLetterRoutingKey = try PolicyKeys.routingKey(key, value)
            case "alternate-exchange": alternateExchange = try PolicyKeys.text(key, value)
            case "overflow":
                guard let known = QueueSettings.Overflow(rawValue: try PolicyKeys.text(key, value)) else {
                    throw PolicyError(key: key, reason: "expected drop-head, reject-publish or reject-publish-dlx")
                }
                overflow = known
            case "dead-letter-strategy":
                guard let known = QueueSettings.DeadLetterStrategy(rawValue: try PolicyKeys.text(key, value)) else {
                    throw PolicyError(key: key, reason: "expected at-most-once or at-least-once")
                }
                deadLetterStrategy = known
            case _ where Self.prefixesReadTogether.contains { key.hasPrefixBytes($0) }: break
            default:
                guard let retryKey = DelayedRetrySettings.Key(rawValue: key) else {
                    keysWithoutEffect.append(key)
                    continue
                }
                if let reason = retry.set(retryKey, to: value) { throw PolicyError(key: key, reason: reason) }
            }
        }
        redrive = try RedrivePolicy.read(definition)
        breaker = try DeadLetterBreakerPolicy.read(definition)
        alerts = try DeadLetterAlertPolicy.read(definition)
    }

    /// What a policy and an operator policy say together: the limits of both, and the operator's overflow behaviour if it
    /// names one. Operators limit, they route nothing: other keys of theirs are without effect.
    func merged(withOperator operatorSettings: PolicySettings) -> PolicySettings {
        var merged = self
        merged.limits = limits.merged(with: operatorSettings.limits)
        merged.overflow = operatorSettings.overflow ?? overflow
        return merged
    }
}
