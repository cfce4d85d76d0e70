import Definitions

extension Policy {
    /// What the policy says and what does nothing, or not what it looks like: nothing that would have it refused.
    var remarks: [String] {
        var remarks: [String] = []
        if target == .streams {
            remarks.append("it is for streams, of which there are none here: it has no effect")
        } else if let types = typesMeant, types.allSatisfy({ !foreignKeys(to: $0).isEmpty }) {
            let keys = Set(types.flatMap { foreignKeys(to: $0) }).sorted().joined(separator: ", ")
            let names = types.map(\.rawValue).joined(separator: " and ")
            remarks.append("it has no effect: policies with \(keys) are none for \(names) queues")
        }
        let others = settings.keysWithoutEffect.sorted().joined(separator: ", ")
        if !others.isEmpty { remarks.append("keys that have no effect: \(others)") }
        if settings.deadLetterRoutingKey != nil, settings.deadLetterExchange == nil {
            remarks.append(
                "dead-letter-routing-key has an effect only for queues whose x-dead-letter-exchange names an exchange: "
                    + "dead-letter-exchange is missing")
        }
        if settings.retry.isIncomplete {
            remarks.append(
                "delayed-retry keys have an effect only for queues whose arguments say how long: delayed-retry-min or "
                    + "-list is missing")
        }
        if settings.retry.listMilliseconds == nil, let least = settings.retry.minMilliseconds,
            let most = settings.retry.maxMilliseconds, least > most
        {
            remarks.append("delayed-retry-min is more than delayed-retry-max: every delay is \(most) ms")
        }
        return remarks
    }

    /// Nil if it is for exchanges as well, where other keys count.
    private var typesMeant: [QueueSettings.QueueType]? {
        switch target {
        case .queues: [.classic, .quorum]
        case .classicQueues: [.classic]
        case .quorumQueues: [.quorum]
        case .all, .streams, .exchanges: nil
        }
    }
}
