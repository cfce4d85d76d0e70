extension QueueSettings {
    /// What the queue's arguments and a policy say together, by RabbitMQ's rules: the limits of both; of names and behaviour
    /// the argument counts. A routing key for dead letters without an exchange says nothing.
    func merged(with policy: PolicySettings) -> QueueSettings {
        var merged = self
        merged.limits = limits.merged(with: policy.limits)
        merged.namedOverflow = namedOverflow ?? policy.overflow
        merged.namedDeadLetterStrategy = namedDeadLetterStrategy ?? policy.deadLetterStrategy
        merged.namedRetry = namedRetry.merged(with: policy.retry)
        merged.deadLetterExchange = deadLetterExchange ?? policy.deadLetterExchange
        merged.deadLetterRoutingKey = deadLetterRoutingKey ?? policy.deadLetterRoutingKey
        if merged.deadLetterExchange == nil { merged.deadLetterRoutingKey = nil }
        return merged
    }
}
