/// What a queue's declare asked for, checked and typed; merged with a policy, what holds for the queue. Argument names and
/// rules are RabbitMQ's.
struct QueueSettings: Equatable {
    enum Overflow: String {
        case dropHead = "drop-head"
        case rejectPublish = "reject-publish"
        case rejectPublishDeadLetter = "reject-publish-dlx"
    }

    /// What becomes of a dead letter that nobody wants.
    enum DeadLetterStrategy: String {
        /// It is dropped, as RabbitMQ does.
        case atMostOnce = "at-most-once"
        /// It stays, and is tried again.
        case atLeastOnce = "at-least-once"
    }

    enum QueueType: String {
        case classic
        case quorum
    }

    /// Ten years: RabbitMQ's ceiling for every TTL.
    static let timeToLiveMillisecondsMax: Int64 = 315_360_000_000

    /// The delivery limit of a quorum queue that names none, as in RabbitMQ since 4.0.
    static let defaultDeliveryLimit: Int64 = 20

    var type = QueueType.classic
    var limits = QueueLimits()
    var deadLetterExchange: String?
    var deadLetterRoutingKey: String?
    /// Nil if none is named, as below.
    var namedDeadLetterStrategy: DeadLetterStrategy?
    var namedOverflow: Overflow?
    var maxPriority: UInt8 = 0
    var isSingleActiveConsumer = false
    var namedRetry = DelayedRetrySettings()
    /// Policies alone have it, as what belongs to people's work on dead letters.
    var redrive: RedrivePolicy?
    var breaker: DeadLetterBreakerPolicy?
    var alerts: DeadLetterAlertPolicy?
    /// Arguments with an `x-` in front that nobody knows.
    var unknownArguments: [String] = []

    /// The arguments that a redeclare has to repeat; others may differ (RabbitMQ's `x-…` equivalence list).
    static let comparedArguments = [
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key",
        "x-dead-letter-strategy", "x-max-length", "x-max-length-bytes", "x-overflow", "x-max-priority",
        "x-queue-mode", "x-queue-type", "x-single-active-consumer", "x-delivery-limit", "x-consumer-timeout",
        "x-max-dead-letter-hops",
    ]

    var overflow: Overflow { namedOverflow ?? .dropHead }

    var deadLetterStrategy: DeadLetterStrategy { namedDeadLetterStrategy ?? .atLeastOnce }
    var retry: DelayedRetry? { namedRetry.retry }

    /// How often a message may come back as a failure before it is a dead letter; nil for any number. Quorum queues have a
    /// limit without being asked.
    var deliveryLimit: Int? {
        guard let limit = limits.namedDeliveryLimit ?? (type == .quorum ? Self.defaultDeliveryLimit : nil) else {
            return nil
        }
        return limit < 0 ? nil : Int(limit)
    }
}
