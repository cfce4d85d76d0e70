import AMQPProtocol

extension QueueSettings {
    /// Arguments that are taken and mean nothing here: they place replicas, or say how RabbitMQ keeps messages.
    private static let argumentsWithoutEffect: Set<String> = [
        "x-queue-mode", "x-queue-version", "x-queue-master-locator", "x-queue-leader-locator",
        "x-quorum-initial-group-size", "x-initial-cluster-size", "x-max-in-memory-length", "x-max-in-memory-bytes",
    ]

    /// AMQP's limit: a longer one could not be sent to anybody.
    static let routingKeyBytesMax = 255

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
            throw check.invalid("x-queue-mode", "\"unsupported queue mode '\(text)'\": expected default or lazy")
        }
        if let version = try check.integer("x-queue-version", 0...Int64.max), version != 1, version != 2 {
            throw check.invalid("x-queue-version", "\"unsupported queue version '\(version)'\": expected 1 or 2")
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
            throw check.invalid(
                "x-queue-type",
                "\"unsupported queue type 'stream'\": streams are not there yet; expected classic or quorum")
        default:
            throw check.invalid("x-queue-type", "\"unsupported queue type '\(text)'\": expected classic or quorum")
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
                "invalid_overflow: expected drop-head, reject-publish or reject-publish-dlx, found '\(text)'")
        }
        namedOverflow = value
    }

    private mutating func readDeadLettering(_ check: QueueArgumentCheck) throws(AMQPException) {
        if let text = try check.text("x-dead-letter-strategy") {
            guard let strategy = DeadLetterStrategy(rawValue: text) else {
                throw check.invalid(
                    "x-dead-letter-strategy",
                    "invalid_dlx_strategy: expected at-most-once or at-least-once, found '\(text)'")
            }
            namedDeadLetterStrategy = strategy
        }
        deadLetterExchange = try check.exchangeName("x-dead-letter-exchange")
        deadLetterRoutingKey = try check.text("x-dead-letter-routing-key")
        if let count = deadLetterRoutingKey?.utf8.count, count > Self.routingKeyBytesMax {
            throw check.invalid(
                "x-dead-letter-routing-key",
                "expected at most \(Self.routingKeyBytesMax) bytes, found \(count)")
        }
        if deadLetterRoutingKey != nil, deadLetterExchange == nil {
            throw check.invalid("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined")
        }
    }
}
