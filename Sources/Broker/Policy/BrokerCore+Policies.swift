import AMQPProtocol
import Definitions
import Logging

extension BrokerCore {
    private static let policyComponent = WireName("policy")
    private static let operatorPolicyComponent = WireName("operator_policy")

    /// Puts the policies among the parameters in force, before there are queues.
    func restorePolicies() {
        for (key, value) in parameters {
            do {
                try setPolicy(key, value)
            } catch {
                logger.error("policy could not be restored", metadata: ["policy": "\(key.name)", "error": "\(error)"])
            }
        }
    }

    /// Puts a parameter in force if it is a policy.
    ///
    /// - Throws: for a value that a key can't have. What was in force stays.
    func setPolicy(_ key: ParameterKey, _ value: FieldValue) throws(PolicyError) {
        let isOperator = key.component == Self.operatorPolicyComponent
        guard isOperator || key.component == Self.policyComponent else { return }
        let policy = try Policy(name: key.name.text, value: value.tableValue ?? [:])
        guard let host = virtualHosts[key.virtualHost] else {
            throw PolicyError(key: "vhost", reason: "there is no vhost '\(key.virtualHost.text)'")
        }
        host.setPolicy(policy, isOperator: isOperator)
    }

    /// One line each about what is kept and does nothing: whoever relies on it has to know.
    public func warnOfParametersWithoutEffect() {
        var others = 0
        var keys: Set<String> = []
        for (key, value) in parameters where key.component != "global" {
            if key.component == Self.policyComponent || key.component == Self.operatorPolicyComponent {
                let policy = try? Policy(name: key.name.text, value: value.tableValue ?? [:])
                keys.formUnion(policy?.settings.keysWithoutEffect ?? [])
            } else {
                others += 1
            }
        }
        if !keys.isEmpty {
            logger.warning(
                "policies have keys that are kept, but have no effect",
                metadata: ["keys": "\(keys.sorted().joined(separator: ", "))"])
        }
        if others > 0 {
            logger.warning("parameters are kept, but have no effect yet", metadata: ["parameters": "\(others)"])
        }
    }
}
