import AMQPProtocol

extension RedrivePolicy {
    /// Keys of a policy's definition.
    enum Key: String, CaseIterable {
        case every = "redrive-every"
        case filter = "redrive-filter"
        case to = "redrive-to"
        case exchange = "redrive-exchange"
        case routingKey = "redrive-routing-key"
        case queue = "redrive-queue"
        case max = "redrive-max"
        case parkingQueue = "redrive-parking-queue"
        case rate = "redrive-rate"
    }

    /// What all these keys begin with. No other key may, so that a misspelled one is found.
    static let keyPrefix = "redrive-"

    private enum Target: String, CaseIterable {
        case original
        case originalQueue = "original-queue"
        case exchange
        case queue
    }

    /// - Returns: nil if the definition has none of the keys.
    /// - Throws: for values that can't be, for keys that need another one or mean nothing beside another one, and for those that
    ///   nobody knows.
    static func read(_ definition: FieldTable) throws(PolicyError) -> RedrivePolicy? {
        let keys = PolicyKeys(definition, prefix: keyPrefix)
        guard !keys.isEmpty else { return nil }
        try keys.refuseUnknown(known: Key.allCases.map(\.rawValue))
        guard
            let every = try keys.integer(
                Key.every.rawValue, everyMillisecondsMin...QueueSettings.timeToLiveMillisecondsMax)
        else {
            throw PolicyError(
                key: keys.first,
                reason: "means nothing without \(Key.every.rawValue), the milliseconds between two runs")
        }
        let redrivenMax = try keys.integer(Key.max.rawValue, 1...1_000_000).map { Int($0) }
        let policy = RedrivePolicy(
            everyMilliseconds: UInt64(every), filter: try filter(keys), destination: try destination(keys),
            redrivenMax: redrivenMax ?? RedriveOptions.redrivenDefault,
            parkingQueue: try keys.name(Key.parkingQueue.rawValue),
            messagesPerSecond: try keys.integer(Key.rate.rawValue, 1...100_000_000).map { Int($0) })
        guard policy.steps.allSatisfy({ policy.request(for: $0) != nil }) else {
            throw PolicyError(
                key: Key.filter.rawValue, reason: "too long: the parking queue's own condition has no room beside it")
        }
        return policy
    }

    private static func filter(_ keys: PolicyKeys) throws(PolicyError) -> MessageFilter {
        guard let text = try keys.text(Key.filter.rawValue) else { return .everything }
        do {
            return try MessageFilter(text)
        } catch {
            throw PolicyError(key: Key.filter.rawValue, reason: "\(error)")
        }
    }

    private static func destination(_ keys: PolicyKeys) throws(PolicyError) -> RedriveDestination {
        let text = try keys.text(Key.to.rawValue) ?? Target.original.rawValue
        guard let target = Target(rawValue: text) else {
            let known = Target.allCases.map(\.rawValue).joined(separator: ", ")
            throw PolicyError(key: Key.to.rawValue, reason: "expected one of \(known), not '\(text)'")
        }
        func refuse(_ others: Key...) throws(PolicyError) {
            guard let key = others.first(where: { keys.has($0.rawValue) }) else { return }
            throw PolicyError(
                key: key.rawValue, reason: "means nothing, since \(Key.to.rawValue) is \(target.rawValue)")
        }
        func missing(_ key: Key) -> PolicyError {
            PolicyError(
                key: Key.to.rawValue, reason: "is \(target.rawValue), and \(key.rawValue) does not say which one")
        }
        switch target {
        case .original, .originalQueue:
            try refuse(.exchange, .routingKey, .queue)
            return target == .original ? .original(.newest) : .originalQueue(.newest)
        case .exchange:
            try refuse(.queue)
            guard let name = try keys.text(Key.exchange.rawValue) else { throw missing(.exchange) }
            let key = try keys.routingKey(Key.routingKey.rawValue)
            return .exchange(name, routingKey: key)
        case .queue:
            try refuse(.exchange, .routingKey)
            guard let name = try keys.name(Key.queue.rawValue) else { throw missing(.queue) }
            return .queue(name)
        }
    }
}
