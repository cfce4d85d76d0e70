import AMQPProtocol
import Definitions

/// Settings for all queues or exchanges of a virtual host whose names match: a policy, or an operator policy.
struct Policy {
    let name: String
    let pattern: NamePattern
    let target: PolicyDefinition.Target
    let priority: Int64
    let settings: PolicySettings
    let keys: Set<String>

    /// Keys that mean something to queues of the other types only. As in RabbitMQ, a policy with one of them is none for
    /// such a queue, whatever else it says, and the next one counts.
    private static let foreignKeys: [QueueSettings.QueueType: Set<String>] = [
        .classic: [
            "max-age", "stream-max-segment-size-bytes", "queue-leader-locator", "initial-cluster-size",
            "delivery-limit", "dead-letter-strategy",
        ],
        .quorum: [
            "max-priority", "queue-mode", "single-active-consumer", "ha-mode", "ha-params", "ha-sync-mode",
            "ha-promote-on-shutdown", "ha-promote-on-failure", "queue-master-locator", "max-age",
            "stream-max-segment-size-bytes", "initial-cluster-size",
        ],
    ]

    /// What a journal or a definition file holds of it: `pattern`, `apply-to`, `priority`, `definition`.
    ///
    /// - Throws: `PolicyError` for a value that a key can't have.
    init(name: String, value: FieldTable, isOperator: Bool = false) throws(PolicyError) {
        self.name = name
        pattern = NamePattern(value["pattern"]?.stringValue ?? "")
        target = value["apply-to"]?.stringValue.flatMap(PolicyDefinition.Target.init) ?? .all
        priority = value["priority"]?.integerValue ?? 0
        let definition = value["definition"]?.tableValue ?? [:]
        settings = try PolicySettings(definition: definition, isOperator: isOperator)
        keys = Set(definition.entries.map(\.name))
    }

    func applies(toQueue name: String, of type: QueueSettings.QueueType) -> Bool {
        let isMeant =
            switch target {
            case .all, .queues: true
            case .classicQueues: type == .classic
            case .quorumQueues: type == .quorum
            case .streams, .exchanges: false
            }
        return isMeant && foreignKeys(to: type).isEmpty && pattern.matches(name)
    }

    /// Its keys that make it none for queues of the type.
    func foreignKeys(to type: QueueSettings.QueueType) -> Set<String> {
        keys.intersection(Self.foreignKeys[type] ?? [])
    }

    func applies(toExchange name: String) -> Bool {
        (target == .all || target == .exchanges) && pattern.matches(name)
    }
}
