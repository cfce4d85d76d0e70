extension QueueSettings {
    /// What the queue's arguments and a policy say together, by RabbitMQ's rules: the limits of both; of names and behaviour
    /// the argument counts. A routing key for dead letters without an exchange says nothing.
    func merged(with policy: PolicySettings) -> QueueSettings {
        var merged = self
        var policyLimits = policy.limits
        // As in RabbitMQ, where a policy for all queues limits quorum queues alone: without a dead-letter exchange the limit
        // is where messages are lost. An argument is meant for its queue, whatever its type.
        if type != .quorum { policyLimits.namedDeliveryLimit = nil }
        merged.limits = limits.merged(with: policyLimits)
        merged.namedOverflow = namedOverflow ?? policy.overflow
        merged.namedDeadLetterStrategy = namedDeadLetterStrategy ?? policy.deadLetterStrategy
        merged.namedRetry = namedRetry.merged(with: policy.retry)
        merged.deadLetterExchange = deadLetterExchange ?? policy.deadLetterExchange
        merged.deadLetterRoutingKey = deadLetterRoutingKey ?? policy.deadLetterRoutingKey
        merged.redrive = policy.redrive
        merged.breaker = policy.breaker
        merged.alerts = policy.alerts
        if merged.deadLetterExchange == nil { merged.deadLetterRoutingKey = nil }
        return merged
    }
}
