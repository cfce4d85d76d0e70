import Definitions
import Logging

extension DefinitionSet {
    /// How much there is of everything, for the log.
    var counts: Logger.Metadata {
        [
            "vhosts": "\(vhosts.count)", "users": "\(users.count)",
            "permissions": "\(permissions.count + topicPermissions.count)", "exchanges": "\(exchanges.count)",
            "queues": "\(queues.count)", "bindings": "\(bindings.count)",
            "policies": "\(policies.count + operatorPolicies.count)",
            "parameters": "\(parameters.count + globalParameters.count)",
        ]
    }
}
