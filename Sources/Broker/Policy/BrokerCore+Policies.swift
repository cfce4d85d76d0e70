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

    /// One line each about what is kept and does nothing: whoever relies on it has to know.
    public func warnOfParametersWithoutEffect() {
        var others = 0
        var keys: Set<String> = []
        var operatorKeys: Set<String> = []
        var policiesForStreams: [String] = []
        for (key, value) in parameters where key.component != "global" {
            let isOperator = key.component == Self.operatorPolicyComponent
            guard isOperator || key.component == Self.policyComponent else {
                others += 1
                continue
            }
            guard let policy = try? Policy(name: key.name.text, value: value.tableValue ?? [:], isOperator: isOperator)
            else { continue }
            if policy.target == .streams { policiesForStreams.append(policy.name) }
            if isOperator {
                operatorKeys.formUnion(policy.settings.keysWithoutEffect)
            } else {
                keys.formUnion(policy.settings.keysWithoutEffect)
            }
        }
        warn("policies have keys that are kept, but have no effect", "keys", keys.sorted())
        warn("operator policies limit, and have other keys that are without effect", "keys", operatorKeys.sorted())
        warn("policies for streams are without effect: there are none here", "policies", policiesForStreams.sorted())
        if others > 0 {
            logger.warning("parameters are kept, but have no effect yet", metadata: ["parameters": "\(others)"])
        }
    }

    private func warn(_ text: String, _ what: String, _ names: [String]) {
        guard !names.isEmpty else { return }
        logger.warning("\(text)", metadata: [what: "\(names.joined(separator: ", "))"])
    }
}
