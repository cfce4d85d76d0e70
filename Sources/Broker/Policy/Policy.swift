import AMQPProtocol
import Definitions

/// Settings for all queues or exchanges of a virtual host whose names match: a policy, or an operator policy.
struct Policy {
    let name: String
    let pattern: NamePattern
    let target: PolicyDefinition.Target
    let priority: Int64
    let settings: PolicySettings

    /// What a journal or a definition file holds of it: `pattern`, `apply-to`, `priority`, `definition`.
    ///
    /// - Throws: `PolicyError` for a value that a key can't have.
    init(name: String, value: FieldTable) throws(PolicyError) {
        self.name = name
        pattern = NamePattern(value["pattern"]?.stringValue ?? "")
        target = value["apply-to"]?.stringValue.flatMap(PolicyDefinition.Target.init) ?? .all
        priority = value["priority"]?.integerValue ?? 0
        settings = try PolicySettings(definition: value["definition"]?.tableValue ?? [:])
    }

    func applies(toQueue name: String, of type: QueueSettings.QueueType) -> Bool {
        let isMeant =
            switch target {
            case .all, .queues: true
            case .classicQueues: type == .classic
            case .quorumQueues: type == .quorum
            case .streams, .exchanges: false
            }
        return isMeant && pattern.matches(name)
    }

    func applies(toExchange name: String) -> Bool {
        (target == .all || target == .exchanges) && pattern.matches(name)
    }
}
