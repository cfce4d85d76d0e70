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
    var vhost: WireName
    var name: WireName
    /// What is needed beside the name: the component of a parameter, the exchange of a topic permission.
    var qualifier: WireName
    /// Of a binding: where it leads, and how.
    var destination: WireName
    var routingKey: WireName
    /// In the order of their names, since the order does not tell bindings apart.
    var arguments: [FieldTable.Entry]

    init(
        kind: Kind, vhost: String = "", name: String, qualifier: String = "", destination: String = "",
        routingKey: String = "", arguments: [FieldTable.Entry] = []
    ) {
        self.kind = kind
        self.vhost = WireName(vhost)
        self.name = WireName(name)
        self.qualifier = WireName(qualifier)
        self.destination = WireName(destination)
        self.routingKey = WireName(routingKey)
        self.arguments = arguments
    }

    static func binding(_ binding: BindingDefinition) -> Identity {
        Identity(
            kind: .binding,
            vhost: binding.vhost,
            name: binding.source,
            qualifier: binding.destinationType.rawValue,
            destination: binding.destination,
            routingKey: binding.routingKey,
            arguments: binding.arguments.entries.sorted { WireName($0.name) < WireName($1.name) }
        )
    }
}

extension Identity: CustomStringConvertible {
    /// For example `queue "orders" in vhost "/"`.
    var description: String {
        let place = " in vhost \(quoted(vhost.text))"
        return switch kind {
        case .user, .vhost, .globalParameter:
            "\(kind.rawValue) \(quoted(name.text))"
        case .permission, .policy, .operatorPolicy, .exchange, .queue:
            "\(kind.rawValue) \(quoted(name.text))\(place)"
        case .topicPermission:
            "\(kind.rawValue) \(quoted(name.text)) on exchange \(quoted(qualifier.text))\(place)"
        case .parameter:
            "\(kind.rawValue) \(quoted(name.text)) of component \(quoted(qualifier.text))\(place)"
        case .binding:
            "\(kind.rawValue) from \(quoted(name.text)) to \(qualifier.text) \(quoted(destination.text))\(place)"
        }
    }
}
