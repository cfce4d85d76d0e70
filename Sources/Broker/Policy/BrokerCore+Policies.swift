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
        let policy = try Policy(name: key.name.text, value: value.tableValue ?? [:], isOperator: isOperator)
        guard let host = virtualHosts[key.virtualHost] else {
            throw PolicyError(key: "vhost", reason: "there is no vhost '\(key.virtualHost.text)'")
        }
        host.setPolicy(policy, isOperator: isOperator)
    }

    /// Says what is kept and does nothing, since whoever relies on it has to know: a line for each remark on a policy, and one
    /// for all other parameters.
    public func warnOfParametersWithoutEffect() {
        var others = 0
        for (key, value) in parameters.sorted(by: { $0.key.name.text < $1.key.name.text })
        where key.component != "global" {
            let isOperator = key.component == Self.operatorPolicyComponent
            guard isOperator || key.component == Self.policyComponent else {
                others += 1
                continue
            }
            guard let policy = try? Policy(name: key.name.text, value: value.tableValue ?? [:], isOperator: isOperator)
            else { continue }
            for remark in policy.remarks {
                logger.warning(
                    "\(isOperator ? "operator policy" : "policy"): \(remark)",
                    metadata: ["policy": "\(policy.name)", "vhost": "\(key.virtualHost.text)"])
            }
        }
        if others > 0 {
            logger.warning("parameters are kept, but have no effect yet", metadata: ["parameters": "\(others)"])
        }
    }
}
