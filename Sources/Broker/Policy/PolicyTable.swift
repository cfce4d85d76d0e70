/// The policies of a virtual host. Of those that match an object one counts: the one with the highest priority, among
/// equals the first by name. An operator policy is chosen likewise and comes on top.
struct PolicyTable {
    private var policies: [Policy] = []
    private var operatorPolicies: [Policy] = []

    /// Puts a policy in the place of the one of its name, if there is one.
    mutating func set(_ policy: Policy, isOperator: Bool) {
        if isOperator {
            Self.set(policy, in: &operatorPolicies)
        } else {
            Self.set(policy, in: &policies)
        }
    }

    private static func set(_ policy: Policy, in list: inout [Policy]) {
        list.removeAll { $0.name == policy.name }
        list.append(policy)
        list.sort { $0.priority != $1.priority ? $0.priority > $1.priority : $0.name < $1.name }
    }

    func settings(forQueue name: String, of type: QueueSettings.QueueType) -> PolicySettings {
        let policy = policies.first { $0.applies(toQueue: name, of: type) }
        let operatorPolicy = operatorPolicies.first { $0.applies(toQueue: name, of: type) }
        let settings = policy?.settings ?? PolicySettings()
        return operatorPolicy.map { settings.merged(withOperator: $0.settings) } ?? settings
    }

    /// The names of the policies that count for a queue.
    func names(
        forQueue name: String, of type: QueueSettings.QueueType
    ) -> (policy: String?, operatorPolicy: String?) {
        (
            policies.first { $0.applies(toQueue: name, of: type) }?.name,
            operatorPolicies.first { $0.applies(toQueue: name, of: type) }?.name
        )
    }

    func settings(forExchange name: String) -> PolicySettings {
        policies.first { $0.applies(toExchange: name) }?.settings ?? PolicySettings()
    }
}
