import AMQPProtocol
import Foundation

// What the entries of each section mean.
extension DefinitionReader {
    /// What an entry belongs to that does not say so.
    static let defaultVirtualHost = "/"

    mutating func read(_ entry: SectionEntry, of section: Section) {
        switch section {
        case .users: readUser(entry)
        case .vhosts: readVirtualHost(entry)
        case .permissions: readPermission(entry)
        case .topicPermissions: readTopicPermission(entry)
        case .parameters: readParameter(entry)
        case .globalParameters: readGlobalParameter(entry)
        case .policies: readPolicy(entry)
        case .exchanges: readExchange(entry)
        case .queues: readQueue(entry)
        case .bindings: readBinding(entry)
        }
    }

    private mutating func virtualHost(_ entry: SectionEntry) -> String {
        if entry["vhost"] != nil { return name(entry, "vhost") }
        if isExport { reportSingleVirtualHost(at: entry.position) }
        return Self.defaultVirtualHost
    }
}

// MARK: - Topology

extension DefinitionReader {
    private mutating func readQueue(_ entry: SectionEntry) {
        let queue = QueueDefinition(
            vhost: virtualHost(entry),
            name: name(entry, "name"),
            type: optionalText(entry, "type"),
            durable: boolean(entry, "durable", default: true),
            autoDelete: boolean(entry, "auto_delete", default: false),
            arguments: fieldTable(entry, "arguments"),
            location: location(entry.position)
        )
        checkUnique(Identity(kind: .queue, vhost: queue.vhost, name: queue.name), at: queue.location)
        definitions.queues.append(queue)
    }

    private mutating func readExchange(_ entry: SectionEntry) {
        // Some brokers export the default exchange. It always exists, and cannot be declared.
        if isExport, case .text("") = entry["name"]?.content { return }
        let exchange = ExchangeDefinition(
            vhost: virtualHost(entry),
            name: name(entry, "name"),
            type: name(entry, "type"),
            durable: boolean(entry, "durable", default: true),
            autoDelete: boolean(entry, "auto_delete", default: false),
            internal: boolean(entry, "internal", default: false),
            arguments: fieldTable(entry, "arguments"),
            location: location(entry.position)
        )
        checkUnique(Identity(kind: .exchange, vhost: exchange.vhost, name: exchange.name), at: exchange.location)
        definitions.exchanges.append(exchange)
    }

    private mutating func readBinding(_ entry: SectionEntry) {
        let binding = BindingDefinition(
            source: name(entry, "source"),
            vhost: virtualHost(entry),
            destination: name(entry, "destination"),
            destinationType: choice(entry, "destination_type", default: .queue),
            routingKey: shortText(entry, "routing_key"),
            arguments: fieldTable(entry, "arguments"),
            location: location(entry.position)
        )
        checkUnique(.binding(binding), at: binding.location)
        definitions.bindings.append(binding)
    }
}

// MARK: - Policies and parameters

extension DefinitionReader {
    private mutating func readPolicy(_ entry: SectionEntry) {
        let policy = policy(entry, vhost: virtualHost(entry), name: name(entry, "name"), at: entry.position)
        checkUnique(Identity(kind: .policy, vhost: policy.vhost, name: policy.name), at: policy.location)
        definitions.policies.append(policy)
    }

    private mutating func policy(
        _ entry: SectionEntry, vhost: String, name: String, at position: SourcePosition
    ) -> PolicyDefinition {
        if entry["definition"] == nil { reportMissing("definition", in: entry) }
        return PolicyDefinition(
            vhost: vhost,
            name: name,
            pattern: text(entry, "pattern"),
            applyTo: choice(entry, "apply-to", default: .all),
            priority: integer(entry, "priority", default: 0),
            definition: fieldTable(entry, "definition"),
            location: location(position)
        )
    }

    private mutating func readParameter(_ entry: SectionEntry) {
        let vhost = virtualHost(entry)
        let component = name(entry, "component")
        let name = name(entry, "name")
        if component == "operator_policy" {
            readOperatorPolicy(entry, vhost: vhost, name: name)
            return
        }
        let parameter = ParameterDefinition(
            vhost: vhost, component: component, name: name, value: value(entry), location: location(entry.position)
        )
        checkUnique(
            Identity(kind: .parameter, vhost: vhost, name: name, qualifier: component), at: parameter.location)
        definitions.parameters.append(parameter)
    }

    private mutating func readOperatorPolicy(_ entry: SectionEntry, vhost: String, name: String) {
        guard let value = entry["value"] else { return reportMissing("value", in: entry) }
        path.append(.key("value"))
        if let settings = self.entry(value) {
            checkKeys(of: settings, known: ["pattern", "apply-to", "priority", "definition"])
            definitions.operatorPolicies.append(policy(settings, vhost: vhost, name: name, at: entry.position))
        }
        path.removeLast()
        checkUnique(Identity(kind: .operatorPolicy, vhost: vhost, name: name), at: location(entry.position))
    }

    private mutating func readGlobalParameter(_ entry: SectionEntry) {
        let parameter = GlobalParameterDefinition(
            name: name(entry, "name"), value: value(entry), location: location(entry.position)
        )
        checkUnique(Identity(kind: .globalParameter, name: parameter.name), at: parameter.location)
        definitions.globalParameters.append(parameter)
    }

    /// The value of a parameter: of any type, even null.
    private mutating func value(_ entry: SectionEntry) -> FieldValue {
        guard let member = entry.members.first(where: { $0.key == "value" }) else {
            reportMissing("value", in: entry)
            return .void
        }
        path.append(.key("value"))
        defer { path.removeLast() }
        return fieldValue(member.value)
    }
}

// MARK: - Virtual hosts, users and permissions

extension DefinitionReader {
    private mutating func readVirtualHost(_ entry: SectionEntry) {
        // Brokers that were upgraded from old versions export what they never had as Erlang's `undefined`.
        let entry = SectionEntry(
            members: entry.members.filter {
                if case .text("undefined") = $0.value.content { $0.key == "name" } else { true }
            },
            position: entry.position,
            isExport: entry.isExport
        )
        let metadata = fieldTable(entry, "metadata")
        let vhost = VirtualHostDefinition(
            name: name(entry, "name"),
            description: optionalText(entry, "description") ?? metadata["description"]?.stringValue ?? "",
            tags: entry["tags"] == nil ? tags(in: metadata) : tags(entry),
            defaultQueueType: optionalText(entry, "default_queue_type")
                ?? metadata["default_queue_type"]?.stringValue.flatMap { $0 == "undefined" ? nil : $0 },
            metadata: metadata,
            location: location(entry.position)
        )
        checkUnique(Identity(kind: .vhost, name: vhost.name), at: vhost.location)
        definitions.vhosts.append(vhost)
    }

    private func tags(in metadata: FieldTable) -> [String] {
        metadata["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    private mutating func readUser(_ entry: SectionEntry) {
        let user = UserDefinition(
            name: name(entry, "name"),
            password: password(entry),
            passwordHash: passwordHash(entry),
            hashingAlgorithm: hashingAlgorithm(entry),
            tags: tags(entry),
            limits: limits(entry),
            location: location(entry.position)
        )
        checkUnique(Identity(kind: .user, name: user.name), at: user.location)
        definitions.users.append(user)
        readPermissions(of: user.name, in: entry)
    }

    private mutating func password(_ entry: SectionEntry) -> String? {
        let password = optionalText(entry, "password")
        if let node = entry["password"], password == "" {
            report(at: node.position, key: "password", "must not be empty; a user without a password has no such key")
        }
        return password
    }

    private mutating func passwordHash(_ entry: SectionEntry) -> String? {
        guard let node = entry["password_hash"], let hash = optionalText(entry, "password_hash") else { return nil }
        if Data(base64Encoded: hash) == nil {
            report(at: node.position, key: "password_hash", "expected base64")
        }
        if entry["password"] != nil {
            report(at: node.position, key: "password_hash", "a user has either a password or a hash, not both")
        }
        return hash
    }

    private mutating func hashingAlgorithm(_ entry: SectionEntry) -> String? {
        guard let node = entry["hashing_algorithm"], let name = optionalText(entry, "hashing_algorithm") else {
            return nil
        }
        if !UserDefinition.hashingAlgorithms.contains(name) {
            let names = UserDefinition.hashingAlgorithms.joined(separator: ", ")
            report(at: node.position, key: "hashing_algorithm", "expected one of \(names)")
        }
        return name
    }

    private mutating func limits(_ entry: SectionEntry) -> [String: Int] {
        guard let node = entry["limits"] else { return [:] }
        path.append(.key("limits"))
        defer { path.removeLast() }
        guard let limits = self.entry(node) else { return [:] }
        let keys = ["max-connections", "max-channels"]
        checkKeys(of: limits, known: keys)
        return keys.reduce(into: [:]) { result, key in
            if limits[key] != nil { result[key] = integer(limits, key, default: 0) }
        }
    }

    /// Reads the permissions inside of a user: by virtual host, as RabbitMQ's import takes them.
    private mutating func readPermissions(of user: String, in entry: SectionEntry) {
        guard let node = entry["permissions"] else { return }
        path.append(.key("permissions"))
        for member in table(node) ?? [] {
            path.append(.key(member.key))
            if let settings = self.entry(member.value) {
                checkKeys(of: settings, known: ["configure", "write", "read"])
                addPermission(settings, user: user, vhost: member.key)
            }
            path.removeLast()
        }
        path.removeLast()
    }

    private mutating func readPermission(_ entry: SectionEntry) {
        addPermission(entry, user: name(entry, "user"), vhost: virtualHost(entry))
    }

    private mutating func addPermission(_ entry: SectionEntry, user: String, vhost: String) {
        let permission = PermissionDefinition(
            user: user,
            vhost: vhost,
            configure: text(entry, "configure"),
            write: text(entry, "write"),
            read: text(entry, "read"),
            location: location(entry.position)
        )
        checkUnique(Identity(kind: .permission, vhost: vhost, name: user), at: permission.location)
        definitions.permissions.append(permission)
    }

    private mutating func readTopicPermission(_ entry: SectionEntry) {
        let permission = TopicPermissionDefinition(
            user: name(entry, "user"),
            vhost: virtualHost(entry),
            exchange: shortText(entry, "exchange"),
            write: text(entry, "write"),
            read: text(entry, "read"),
            location: location(entry.position)
        )
        checkUnique(
            Identity(
                kind: .topicPermission, vhost: permission.vhost, name: permission.user, qualifier: permission.exchange),
            at: permission.location
        )
        definitions.topicPermissions.append(permission)
    }
}
