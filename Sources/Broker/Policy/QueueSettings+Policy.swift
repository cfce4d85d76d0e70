extension QueueSettings {
    /// What the queue's arguments and a policy say together, by RabbitMQ's rules: of two numbers the smaller one counts,
    /// of names and behaviour the argument. A routing key for dead letters without an exchange says nothing.
    func merged(with policy: PolicySettings) -> QueueSettings {
        var merged = self
        merged.messageTTLMilliseconds = smaller(messageTTLMilliseconds, policy.messageTTLMilliseconds)
        merged.expiresMilliseconds = smaller(expiresMilliseconds, policy.expiresMilliseconds)
        merged.maxLength = smaller(maxLength, policy.maxLength)
        merged.maxLengthBytes = smaller(maxLengthBytes, policy.maxLengthBytes)
        merged.namedOverflow = namedOverflow ?? policy.overflow
        merged.deadLetterExchange = deadLetterExchange ?? policy.deadLetterExchange
        merged.deadLetterRoutingKey = deadLetterRoutingKey ?? policy.deadLetterRoutingKey
        if merged.deadLetterExchange == nil { merged.deadLetterRoutingKey = nil }
        merged.namedDeliveryLimit = PolicySettings.stricter(namedDeliveryLimit, policy.deliveryLimit)
        return merged
    }
}
