import AMQPProtocol

/// What can be told of a queue at a moment.
public struct QueueFacts: Sendable {
    public let name: String
    public let virtualHost: String
    /// `classic` or `quorum`.
    public let type: String
    public let isDurable: Bool
    public let isAutoDelete: Bool
    public let isExclusive: Bool
    public let arguments: FieldTable
    /// The policies that count for it.
    public let policy: String?
    public let operatorPolicy: String?
    public let readyCount: Int
    public let unacknowledgedCount: Int
    public let delayedCount: Int
    public let undeliverableCount: Int
    /// In milliseconds since 1970; nil if there are none.
    public let undeliverableSinceMilliseconds: UInt64?
    /// All that the queue holds: the above, and dead letters on their way.
    public let messageCount: Int
    /// Of the bodies that are ready.
    public let readyBytes: Int
    public let consumerCount: Int
    public let deadLetterRoute: DeadLetterRoute?
    /// Whether dead letters that nobody takes are dropped (`at-most-once`).
    public let dropsStrayDeadLetters: Bool
    /// What arguments and policies say together.
    public let messageTTLMilliseconds: UInt64?
    public let maxLength: Int?
    public let maxLengthBytes: Int?
    /// Whether a full queue drops from its head, rather than refuse what is published.
    public let dropsHead: Bool
    public let deliveryLimit: Int?
    /// If a policy moves its messages back.
    public let redrive: RedriveSchedule?
    /// If a policy pauses its deliveries when too much is rejected.
    public let breaker: BreakerState?
    public let deathCounts: DeathCounts
    /// Messages that have joined it since it was made.
    public let joinedCount: Int
    /// Dead letters that have come to it in the last 55 to 60 seconds, since the start.
    public let deadLettersLastMinute: Int
    /// Whether any have come since the start.
    public let deadLettersSinceStart: Bool
}

extension Queue {
    public var facts: QueueFacts {
        let policies = virtualHost.policies.names(forQueue: name, of: settings.type)
        return QueueFacts(
            name: name, virtualHost: virtualHost.name, type: settings.type.rawValue, isDurable: isDurable,
            isAutoDelete: isAutoDelete, isExclusive: isExclusive, arguments: arguments, policy: policies.policy,
            operatorPolicy: policies.operatorPolicy, readyCount: readyCount,
            unacknowledgedCount: unacknowledgedCount, delayedCount: delayedCount,
            undeliverableCount: undeliverableCount,
            undeliverableSinceMilliseconds: undeliverableCount > 0
                ? core.deadLetterAlerts.undeliverableSince(in: self) : nil, messageCount: ready.liveCount,
            readyBytes: readyBytes,
            consumerCount: consumerCount, deadLetterRoute: deadLetterRoute,
            dropsStrayDeadLetters: settings.deadLetterStrategy == .atMostOnce,
            messageTTLMilliseconds: settings.limits.messageTTLMilliseconds, maxLength: settings.limits.maxLength,
            maxLengthBytes: settings.limits.maxLengthBytes, dropsHead: settings.overflow == .dropHead,
            deliveryLimit: settings.deliveryLimit,
            redrive: settings.redrive.flatMap { _ in
                core.redriveSchedules.schedule(of: self, policyName: policies.policy)
            }, breaker: breakerState, deathCounts: deathCounts, joinedCount: joinedCount,
            deadLettersLastMinute: deadLettersLastMinute,
            deadLettersSinceStart: deadLetterArrivals != nil)
    }
}
