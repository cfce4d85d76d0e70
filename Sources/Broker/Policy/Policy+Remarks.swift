import Definitions

extension Policy {
    /// What the policy says and what does nothing, or not what it looks like: nothing that would have it refused.
    var remarks: [String] {
        if target == .streams { return ["it is for streams, of which there are none here: it has no effect"] }
        var remarks: [String] = []
        if let types = typesMeant, types.allSatisfy({ !foreignKeys(to: $0).isEmpty }) {
            let keys = Set(types.flatMap { foreignKeys(to: $0) }).sorted().joined(separator: ", ")
            let names = types.map(\.rawValue).joined(separator: " and ")
            remarks.append("it has no effect: policies with \(keys) are none for \(names) queues")
        }
        let idle = keysWithoutEffect
        if !idle.isEmpty { remarks.append("keys that have no effect: \(idle.sorted().joined(separator: ", "))") }
        if isEffective("dead-letter-routing-key", idle), settings.deadLetterExchange == nil {
            remarks.append(
                "dead-letter-routing-key has an effect only for queues whose x-dead-letter-exchange names an exchange: "
                    + "dead-letter-exchange is missing")
        }
        return remarks + retryRemarks(idle)
    }

    private func retryRemarks(_ idle: Set<String>) -> [String] {
        let retry = settings.retry
        let isMeant = DelayedRetrySettings.Key.allCases.contains { isEffective($0.rawValue, idle) }
        guard isMeant, retry.kind != .disabled else { return [] }
        if retry.isIncomplete {
            return [
                "delayed-retry keys have an effect only for queues whose arguments say how long: delayed-retry-min or "
                    + "-list is missing"
            ]
        }
        guard retry.listMilliseconds == nil, let least = retry.minMilliseconds, let most = retry.maxMilliseconds,
            least > most
        else { return [] }
        return ["delayed-retry-min (\(least)) is more than delayed-retry-max (\(most)), which counts for every delay"]
    }

    private func isEffective(_ key: String, _ idle: Set<String>) -> Bool { keys.contains(key) && !idle.contains(key) }

    /// Those that say nothing about what the policy is for, as well.
    private var keysWithoutEffect: Set<String> {
        let idle = Set(settings.keysWithoutEffect)
        return switch target {
        case .exchanges: idle.union(keys.subtracting(Self.exchangeKeys))
        case .queues, .classicQueues, .quorumQueues: idle.union(keys.intersection(Self.exchangeKeys))
        case .all, .streams: idle
        }
    }

    private static let exchangeKeys: Set<String> = ["alternate-exchange"]

    /// Nil if it is not for queues alone.
    private var typesMeant: [QueueSettings.QueueType]? {
        switch target {
        case .queues: [.classic, .quorum]
        case .classicQueues: [.classic]
        case .quorumQueues: [.quorum]
        case .all, .streams, .exchanges: nil
        }
    }
}
