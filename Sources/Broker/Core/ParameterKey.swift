/// Names a runtime parameter or policy.
public struct ParameterKey: Hashable, Sendable {
    /// Empty for a global parameter.
    public let virtualHost: String
    /// `policy`, `operator_policy`, `vhost-limits`, … ; `global` for a global parameter.
    public let component: String
    public let name: String

    public init(virtualHost: String, component: String, name: String) {
        self.virtualHost = virtualHost
        self.component = component
        self.name = name
    }
}
