import AMQPProtocol

/// Names a runtime parameter or policy.
public struct ParameterKey: Hashable, Sendable {
    /// Empty for a global parameter.
    public let virtualHost: WireName
    /// `policy`, `operator_policy`, `vhost-limits`, … ; `global` for a global parameter.
    public let component: WireName
    public let name: WireName

    public init(virtualHost: String, component: String, name: String) {
        self.virtualHost = WireName(virtualHost)
        self.component = WireName(component)
        self.name = WireName(name)
    }
}
