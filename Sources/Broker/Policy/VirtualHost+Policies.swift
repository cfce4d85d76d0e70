import AMQPProtocol

extension VirtualHost {
    /// Puts a policy in place, from now on and for what is there already.
    func setPolicy(_ policy: Policy, isOperator: Bool) {
        policies.set(policy, isOperator: isOperator)
        for queue in allQueues { queue.apply(effectiveSettings(queue.declared, forQueue: queue.name)) }
        for exchange in allExchanges { exchange.alternateExchange = alternateExchange(of: exchange) }
        core.topologyChanged()
    }

    /// What a queue's own arguments and the policies that match it say together.
    func effectiveSettings(_ declared: QueueSettings, forQueue name: String) -> QueueSettings {
        declared.merged(with: policies.settings(forQueue: name, of: declared.type))
    }

    /// An exchange's argument wins over a policy. The default exchange has none.
    func alternateExchange(of exchange: Exchange) -> String? {
        guard !exchange.isDefault else { return nil }
        return exchange.arguments["alternate-exchange"]?.stringValue
            ?? policies.settings(forExchange: exchange.name).alternateExchange
    }
}
