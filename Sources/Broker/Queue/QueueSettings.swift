import AMQPProtocol

/// What a queue's declare asked for, checked and typed; merged with a policy, what holds for the queue. Argument names and
/// rules are RabbitMQ's; those that nobody
/// knows are kept (declare compares and lists them) and otherwise without effect.
struct QueueSettings: Equatable {
    enum Overflow: String {
        case dropHead = "drop-head"
        case rejectPublish = "reject-publish"
        case rejectPublishDeadLetter = "reject-publish-dlx"
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
    /// Nil if none is named.
    var namedOverflow: Overflow?
    var maxPriority: UInt8 = 0
    var isSingleActiveConsumer = false

    /// The arguments that a redeclare has to repeat; others may differ (RabbitMQ's `x-…` equivalence list).
    static let comparedArguments = [
        "x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key",
        "x-dead-letter-strategy", "x-max-length", "x-max-length-bytes", "x-overflow", "x-max-priority",
        "x-queue-mode", "x-queue-type", "x-single-active-consumer", "x-delivery-limit", "x-consumer-timeout",
    ]

    var overflow: Overflow { namedOverflow ?? .dropHead }

    /// How often a message may come back before it is a dead letter; nil for any number. Quorum queues alone have a
    /// limit, and say in each redelivery how often the message has come back.
    var deliveryLimit: Int? {
        guard type == .quorum else { return nil }
        let limit = limits.namedDeliveryLimit ?? Self.defaultDeliveryLimit
        return limit < 0 ? nil : Int(limit)
    }

    init() {}

    /// - Throws: 406 PRECONDITION_FAILED with RabbitMQ's leading words for a value that an argument can't have, 540
    ///   for what Harrier does not do.
    init(arguments: FieldTable, queue: ResourceName) throws(AMQPException) {
        let check = QueueArgumentCheck(arguments: arguments, queue: queue)
        if let text = try check.text("x-queue-type") {
            switch text {
            case "classic": type = .classic
            case "quorum": type = .quorum
            case "stream":
                throw .connection(.notImplemented, "queue type 'stream' of \(queue.text) is not supported")
            default:
                throw check.invalid("x-queue-type", "unknown queue type '\(text)'; expected classic or quorum")
            }
        }
        let ttlMax = Self.timeToLiveMillisecondsMax
        limits.messageTTLMilliseconds = try check.integer("x-message-ttl", 0...ttlMax).map(UInt64.init)
        limits.expiresMilliseconds = try check.integer("x-expires", 1...ttlMax).map(UInt64.init)
        limits.maxLength = try check.integer("x-max-length", 0...Int64.max).map(Int.init)
        limits.maxLengthBytes = try check.integer("x-max-length-bytes", 0...Int64.max).map(Int.init)
        maxPriority = try check.integer("x-max-priority", 0...255).map(UInt8.init) ?? 0
        limits.namedDeliveryLimit = try check.integer("x-delivery-limit", Int64.min...Int64.max)
        _ = try check.integer("x-consumer-timeout", 1...Int64.max)
        if let text = try check.text("x-overflow") {
            guard let value = Overflow(rawValue: text) else {
                throw check.invalid(
                    "x-overflow",
                    "unknown overflow behaviour '\(text)'; expected drop-head, reject-publish or reject-publish-dlx")
            }
            namedOverflow = value
        }
        if let text = try check.text("x-queue-mode"), text != "default", text != "lazy" {
            throw check.invalid("x-queue-mode", "unknown queue mode '\(text)'; expected default or lazy")
        }
        if let text = try check.text("x-dead-letter-strategy"), text != "at-most-once", text != "at-least-once" {
            throw check.invalid(
                "x-dead-letter-strategy", "unknown strategy '\(text)'; expected at-most-once or at-least-once")
        }
        deadLetterExchange = try check.exchangeName("x-dead-letter-exchange")
        deadLetterRoutingKey = try check.text("x-dead-letter-routing-key")
        if deadLetterRoutingKey != nil, deadLetterExchange == nil {
            throw check.invalid("x-dead-letter-routing-key", "routing_key_but_no_dlx_defined")
        }
        isSingleActiveConsumer = try check.boolean("x-single-active-consumer") ?? false
    }
}
