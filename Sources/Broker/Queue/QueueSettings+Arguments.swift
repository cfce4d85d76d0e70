import AMQPProtocol

extension QueueSettings {
    /// Arguments that are taken and mean nothing here: they place replicas, or say how RabbitMQ keeps messages.
    private static let argumentsWithoutEffect: Set<String> = [
        "x-queue-mode", "x-queue-version", "x-queue-master-locator", "x-queue-leader-locator",
        "x-quorum-initial-group-size", "x-initial-cluster-size", "x-max-in-memory-length", "x-max-in-memory-bytes",
    ]

    private static let knownArguments = argumentsWithoutEffect.union(comparedArguments).union(
        DelayedRetrySettings.Key.allCases.map(\.argument))

    /// - Throws: 406 PRECONDITION_FAILED with RabbitMQ's leading words for a value that an argument can't have, 540
    ///   for what Harrier does not do.
    init(arguments: FieldTable, queue: ResourceName) throws(AMQPException) {
        let check = QueueArgumentCheck(arguments: arguments, queue: queue)
        try readType(check)
        try readLimits(check)
        try readDeadLettering(check)
        isSingleActiveConsumer = try check.boolean("x-single-active-consumer") ?? false
        if let text = try check.text("x-queue-mode"), text != "default", text != "lazy" {
            throw check.invalid("x-queue-mode", "unknown queue mode '\(text)'; expected default or lazy")
        }
        for key in DelayedRetrySettings.Key.allCases {
            guard let value = arguments[key.argument] else { continue }
            if let reason = namedRetry.set(key, to: value) { throw check.invalid(key.argument, reason) }
        }
        unknownArguments = arguments.entries.map(\.name).filter {
            $0.hasPrefixBytes("x-") && !Self.knownArguments.contains($0)
        }
    }

    private mutating func readType(_ check: QueueArgumentCheck) throws(AMQPException) {
        guard let text = try check.text("x-queue-type") else { return }
        switch text {
        case "classic": type = .classic
        case "quorum": type = .quorum
        case "stream":
            throw check.invalid("x-queue-type", "there are no queues of type 'stream' here; expected classic or quorum")
        default:
            throw check.invalid("x-queue-type", "unknown queue type '\(text)'; expected classic or quorum")
        }
    }

    private mutating func readLimits(_ check: QueueArgumentCheck) throws(AMQPException) {
        let ttlMax = Self.timeToLiveMillisecondsMax
        limits.messageTTLMilliseconds = try check.integer("x-message-ttl", 0...ttlMax).map(UInt64.init)
        limits.expiresMilliseconds = try check.integer("x-expires", 1...ttlMax).map(UInt64.init)
        limits.maxLength = try check.integer("x-max-length", 0...Int64.max).map(Int.init)
        limits.maxLengthBytes = try check.integer("x-max-length-bytes", 0...Int64.max).map(Int.init)
        limits.namedDeliveryLimit = try check.integer("x-delivery-limit", Int64.min...Int64.max)
        limits.consumerTimeoutMilliseconds = try check.integer("x-consumer-timeout", 1...ttlMax).map(UInt64.init)
        limits.maxDeadLetterHops = try check.integer("x-max-dead-letter-hops", 0...Int64.max).map(Int.init)
        maxPriority = try check.integer("x-max-priority", 0...255).map(UInt8.init) ?? 0
        guard let text = try check.text("x-overflow") else { return }
        guard let value = Overflow(rawValue: text) else {
            throw check.invalid(
                "x-overflow",
                "unknown overflow behaviour '\(text)'; expected drop-head, reject-publish or reject-publish-dlx")
        }
        namedOverflow = value
    }

    private mutating func readDeadLettering(_ check: QueueArgumentCheck) throws(AMQPException) {
        if let text = try check.text("x-dead-letter-strategy") {
            guard let strategy = DeadLetterStrategy(rawValue: text) else {
                throw check.invalid(
                    "x-dead-letter-strategy", "unknown strategy '\(text)'; expected at-most-once or at-least-once")
            }
            namedDeadLetterStrategy = strategy
        }
        deadLetterExchange = try check.exchangeName("x-dead-letter-exchange")
        deadLetterRoutingKey = try check.text("x-dead-letter-routing-key")
        if deadLetterRoutingKey != nil, deadLetterExchange == nil {
            throw check.invalid("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined")
        }
    }
}
