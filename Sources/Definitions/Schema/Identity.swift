import AMQPProtocol

/// What makes two entries the same one.
struct Identity: Hashable {
    enum Kind: String {
        case user
        case vhost
        case permission = "permission of user"
        case topicPermission = "topic permission of user"
        case parameter
        case globalParameter = "global parameter"
        case policy
        case operatorPolicy = "operator policy"
        case exchange
        case queue
        case binding
    }

    var kind: Kind
    var vhost = ""
    var name: String
    /// What is needed beside the name: the component of a parameter, the exchange of a topic permission.
    var qualifier = ""
    /// Of a binding: where it leads, and how.
    var destination = ""
    var routingKey = ""
    /// In the order of their names, since the order does not tell bindings apart.
    var arguments: [FieldTable.Entry] = []

    static func binding(_ binding: BindingDefinition) -> Identity {
        Identity(
            kind: .binding,
            vhost: binding.vhost,
            name: binding.source,
            qualifier: binding.destinationType.rawValue,
            destination: binding.destination,
            routingKey: binding.routingKey,
            arguments: binding.arguments.entries.sorted { $0.name < $1.name }
        )
    }
}

extension Identity: CustomStringConvertible {
    /// For example `queue "orders" in vhost "/"`.
    var description: String {
        let place = " in vhost \(quoted(vhost))"
        return switch kind {
        case .user, .vhost, .globalParameter:
            "\(kind.rawValue) \(quoted(name))"
        case .permission, .policy, .operatorPolicy, .exchange, .queue:
            "\(kind.rawValue) \(quoted(name))\(place)"
        case .topicPermission:
            "\(kind.rawValue) \(quoted(name)) on exchange \(quoted(qualifier))\(place)"
        case .parameter:
            "\(kind.rawValue) \(quoted(name)) of component \(quoted(qualifier))\(place)"
        case .binding:
            "\(kind.rawValue) from \(quoted(name)) to \(qualifier) \(quoted(destination))\(place)"
        }
    }
}
