extension LoadPlan {
    /// What a load may be at most. Each number bounds memory, or is a field's on the wire.
    public enum Limit {
        /// Producers, and consumers. A body has 12 bits for its producer.
        public static let connections = 4096
        public static let queues = 10_000
        /// Producers times queues: sequence numbers are kept for each pair.
        public static let sequences = 1 << 22
        /// The largest body in bytes.
        public static let bodyBytes = 128 << 20
        /// How many sizes there may be, and how many bytes they may have together.
        public static let bodySizes = 64
        public static let bodySizesBytes = 256 << 20
        /// Unconfirmed publishes of a producer: a send time is kept for each.
        public static let confirmWindow = 1 << 20
        public static let acknowledgementInterval = 1 << 20
        public static let ratePerSecond = 100_000_000.0
        /// A week.
        public static let seconds = 604_800.0
        /// A body has 40 bits for its number.
        public static let messageCount = 1 << 40
        public static let threads = 256
        /// Bytes that go to the socket in one write, unless a single message is longer.
        public static let writeBytes = 1 << 16
        /// Names on the wire, in bytes.
        public static let nameBytes = 255
    }

    /// Throws what contradicts itself or is over a limit.
    public func validate() throws(LoadError) {
        try validateNumbers()
        try validateBodies()
        try validateEnd()
        if exchangeType != nil, exchange.isEmpty { throw .plan("an exchange type needs the name of an exchange") }
        if bindingKey != nil, exchangeType == nil {
            throw .plan("a binding key needs an exchange type: without one no queue is bound")
        }
        for name in [exchange, exchangeType ?? "", routingKey ?? "", bindingKey ?? "", queueName(queues - 1)]
        where name.utf8.count > Limit.nameBytes {
            throw .plan("a name or key of \(name.utf8.count) bytes, the limit is \(Limit.nameBytes)")
        }
        if isMandatory, producers == 0 { throw .plan("mandatory is a matter of producers, and there are none") }
    }

    private func validateNumbers() throws(LoadError) {
        try check(producers, "producers", 0...Limit.connections)
        try check(consumers, "consumers", 0...Limit.connections)
        guard producers + consumers > 0 else { throw .plan("there is neither a producer nor a consumer") }
        try check(queues, "queues", 1...Limit.queues)
        guard max(producers, 1) * queues <= Limit.sequences else {
            throw .plan("producers times queues are \(producers * queues), the limit is \(Limit.sequences)")
        }
        try check(threads, "threads", 1...Limit.threads)
        if let confirmWindow {
            try check(confirmWindow, "the confirm window", 1...Limit.confirmWindow)
            guard producers > 0 else { throw .plan("confirms are a matter of producers, and there are none") }
        }
        if case .manual(let interval) = acknowledgement {
            try check(interval, "the ack interval", 1...Limit.acknowledgementInterval)
        }
        if acknowledgement == .automatic, prefetch > 0 {
            throw .plan("a prefetch has no effect without acks: brokers do not count what is acked automatically")
        }
        for (rate, what) in [(producerRate, "the rate"), (consumerRate, "the consumer rate")] {
            guard let rate else { continue }
            guard rate > 0, rate <= Limit.ratePerSecond else {
                throw .plan("\(what) is above 0 and at most \(Int(Limit.ratePerSecond)) a second, not \(rate)")
            }
        }
        if producerRate != nil, producers == 0 { throw .plan("a rate is a matter of producers, and there are none") }
        if consumerRate != nil, consumers == 0 {
            throw .plan("a consumer rate is a matter of consumers, and there are none")
        }
    }

    private func validateBodies() throws(LoadError) {
        try check(bodySizes.count, "the number of sizes", 1...Limit.bodySizes)
        for size in bodySizes { try check(size, "a body's size", 0...Limit.bodyBytes) }
        guard bodySizes.reduce(0, +) <= Limit.bodySizesBytes else {
            throw .plan("the sizes have more than \(Limit.bodySizesBytes) bytes together")
        }
    }

    private func validateEnd() throws(LoadError) {
        if let messageCount { try check(messageCount, "the count", 1...Limit.messageCount) }
        if let seconds, !(seconds > 0 && seconds <= Limit.seconds) {
            throw .plan("the seconds are above 0 and at most \(Int(Limit.seconds)), not \(seconds)")
        }
        guard warmUpSeconds >= 0, warmUpSeconds <= Limit.seconds else {
            throw .plan("the warm-up is 0 to \(Int(Limit.seconds)) seconds, not \(warmUpSeconds)")
        }
        guard idleSeconds > 0, idleSeconds <= Limit.seconds else {
            throw .plan("the idle time is above 0 and at most \(Int(Limit.seconds)) seconds, not \(idleSeconds)")
        }
        guard producers == 0 || seconds != nil || messageCount != nil else {
            throw .plan("without a count or seconds the load would have no end")
        }
        guard producers > 0 || !startsFresh else {
            throw .plan("a run that only consumes would find nothing in fresh queues")
        }
        guard warmUpSeconds == 0 || (seconds != nil && messageCount == nil) else {
            throw .plan("a warm-up goes with seconds, not with a count")
        }
    }

    private func check(_ value: Int, _ what: String, _ range: ClosedRange<Int>) throws(LoadError) {
        guard range.contains(value) else {
            throw .plan("\(what): \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }
}
