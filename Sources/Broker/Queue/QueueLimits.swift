/// The numbers that bound a queue, each nil for no bound: what arguments, a policy and an operator policy may all set.
struct QueueLimits: Equatable {
    var messageTTLMilliseconds: UInt64?
    var expiresMilliseconds: UInt64?
    var maxLength: Int?
    var maxLengthBytes: Int?
    /// How long a consumer may take to settle a message.
    var consumerTimeoutMilliseconds: UInt64?
    /// How often a message may have been dead-lettered, by whatever queues, and be dead-lettered from here once more.
    var maxDeadLetterHops: Int?
    /// As it was named; negative for none.
    var namedDeliveryLimit: Int64?

    var isLengthLimited: Bool { maxLength != nil || maxLengthBytes != nil }

    /// What both say together: of two numbers the smaller one counts. Of two delivery limits it is the larger one if one of
    /// them is negative, as in RabbitMQ.
    func merged(with others: QueueLimits) -> QueueLimits {
        QueueLimits(
            messageTTLMilliseconds: Self.smaller(messageTTLMilliseconds, others.messageTTLMilliseconds),
            expiresMilliseconds: Self.smaller(expiresMilliseconds, others.expiresMilliseconds),
            maxLength: Self.smaller(maxLength, others.maxLength),
            maxLengthBytes: Self.smaller(maxLengthBytes, others.maxLengthBytes),
            consumerTimeoutMilliseconds: Self.smaller(consumerTimeoutMilliseconds, others.consumerTimeoutMilliseconds),
            maxDeadLetterHops: Self.smaller(maxDeadLetterHops, others.maxDeadLetterHops),
            namedDeliveryLimit: Self.stricter(namedDeliveryLimit, others.namedDeliveryLimit))
    }

    private static func smaller<Value: Comparable>(_ one: Value?, _ other: Value?) -> Value? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private static func stricter(_ one: Int64?, _ other: Int64?) -> Int64? {
        guard let one, let other, one < 0 || other < 0 else { return smaller(one, other) }
        return max(one, other)
    }
}
