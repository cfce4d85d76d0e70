@testable import Definitions

/// The errors in a text, as they are printed.
func errors(in text: String, file: String = "t.yaml") -> [String] {
    do {
        _ = try DefinitionLoader.parse(text: text, file: file)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}

/// What two sets have to share to mean the same: all but the places in the files.
extension DefinitionSet {
    var unlocated: DefinitionSet {
        let nowhere = SourceLocation.wholeFile("")
        var set = self
        for index in set.users.indices { set.users[index].location = nowhere }
        for index in set.vhosts.indices { set.vhosts[index].location = nowhere }
        for index in set.permissions.indices { set.permissions[index].location = nowhere }
        for index in set.topicPermissions.indices { set.topicPermissions[index].location = nowhere }
        for index in set.queues.indices { set.queues[index].location = nowhere }
        for index in set.exchanges.indices { set.exchanges[index].location = nowhere }
        for index in set.bindings.indices { set.bindings[index].location = nowhere }
        for index in set.policies.indices { set.policies[index].location = nowhere }
        for index in set.operatorPolicies.indices { set.operatorPolicies[index].location = nowhere }
        for index in set.parameters.indices { set.parameters[index].location = nowhere }
        for index in set.globalParameters.indices { set.globalParameters[index].location = nowhere }
        return set
    }
}
