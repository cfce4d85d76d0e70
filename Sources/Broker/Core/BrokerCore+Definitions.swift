import AMQPProtocol
import Definitions
import Logging

extension BrokerCore {
    /// Brings in the definitions that the broker is started with, if any, and what a blank broker has without them.
    ///
    /// - Throws: as `apply` does.
    public func begin(with definitions: DefinitionSet?) throws(DefinitionErrors) {
        // Files that name neither users nor virtual hosts are topology for whatever is there, on a blank broker too.
        if definitions.map({ $0.users.isEmpty && $0.vhosts.isEmpty }) ?? true { createDefaults() }
        if let definitions { try apply(definitions) }
    }

    /// Brings in what definition files say, in RabbitMQ's order and manner: users, permissions, policies and parameters
    /// replace what is there; exchanges, queues and bindings are added, and one that is there already stays as it is
    /// (a difference is logged).
    ///
    /// Durable once the log is synced up to its present tail.
    ///
    /// - Throws: every definition that can't be carried out, with its place in the files. The others are carried out.
    public func apply(_ definitions: DefinitionSet) throws(DefinitionErrors) {
        var errors: [DefinitionError] = []
        func attempt(_ location: SourceLocation, _ what: String, _ body: () throws(AMQPException) -> Void) {
            do {
                try body()
            } catch {
                errors.append(DefinitionError(location: location, keyPath: what, message: error.detail))
            }
        }
        for definition in definitions.users {
            guard let mistake = definition.tags.lazy.compactMap({ DeadLetterRight.mistake(inTag: $0) }).first else {
                access.put(user(definition))
                continue
            }
            errors.append(
                DefinitionError(
                    location: definition.location, keyPath: "user '\(definition.name)'", message: mistake))
        }
        for definition in definitions.vhosts {
            addVirtualHost(definition.name, description: definition.description)
        }
        applyPermissions(definitions, &errors)
        // What could not be made: bindings to it are not one more mistake each.
        var failed = FailedDefinitions()
        for definition in definitions.exchanges {
            attempt(definition.location, "exchange '\(definition.name)'") { () throws(AMQPException) in
                failed.exchanges.insert(failed.key(definition.vhost, definition.name))
                try apply(definition)
                failed.exchanges.remove(failed.key(definition.vhost, definition.name))
            }
        }
        applyParameters(definitions, &errors)
        for definition in definitions.queues {
            attempt(definition.location, "queue '\(definition.name)'") { () throws(AMQPException) in
                failed.queues.insert(failed.key(definition.vhost, definition.name))
                try apply(definition)
                failed.queues.remove(failed.key(definition.vhost, definition.name))
            }
        }
        var skippedCount = 0
        for definition in definitions.bindings where !failed.concern(definition) {
            guard !concernsSkipped(definition) else {
                skippedCount += 1
                continue
            }
            attempt(definition.location, "binding from '\(definition.source)'") { () throws(AMQPException) in
                try apply(definition)
            }
        }
        if skippedCount > 0 {
            logger.info(
                "bindings of queues and exchanges that the broker names itself (amq.…) are not taken from definitions",
                metadata: ["bindings": "\(skippedCount)"])
        }
        guard errors.isEmpty else { throw DefinitionErrors(errors) }
    }

    /// A binding that has nothing to bind, since what begins with `amq.` is not taken from files: server-named queues of
    /// another broker stand in its export with their bindings.
    private func concernsSkipped(_ definition: BindingDefinition) -> Bool {
        guard let host = virtualHosts[WireName(definition.vhost)] else { return false }
        func isMissing(_ name: String, _ type: BindingDefinition.DestinationType) -> Bool {
            guard name.hasPrefixBytes("amq.") else { return false }
            return switch type {
            case .queue: host.queue(named: name) == nil
            case .exchange: host.exchange(named: name) == nil
            }
        }
        return isMissing(definition.source, .exchange)
            || isMissing(definition.destination, definition.destinationType)
    }

    private func user(_ definition: UserDefinition) -> User {
        var password: PasswordHash?
        if let clear = definition.password {
            // The same password again keeps the salt, so that a restart with the same file writes nothing new.
            if let known = access.users[WireName(definition.name)]?.password, known.matches(Array(clear.utf8)) {
                password = known
            } else {
                password = PasswordHash(hashing: clear)
            }
        } else if let hash = definition.passwordHash {
            let algorithm = definition.hashingAlgorithm.flatMap(PasswordHash.Algorithm.init) ?? .sha256
            password = PasswordHash(algorithm: algorithm, base64: hash)
        }
        return User(name: definition.name, password: password, tags: Set(definition.tags))
    }

    private func applyPermissions(_ definitions: DefinitionSet, _ errors: inout [DefinitionError]) {
        func check(_ user: String, _ virtualHost: String, _ patterns: [String], _ location: SourceLocation) -> Bool {
            let keyPath = "permission of user '\(user)' in vhost '\(virtualHost)'"
            if access.users[WireName(user)] == nil {
                errors.append(DefinitionError(location: location, keyPath: keyPath, message: "no such user"))
                return false
            }
            if virtualHosts[WireName(virtualHost)] == nil {
                errors.append(DefinitionError(location: location, keyPath: keyPath, message: "no such vhost"))
                return false
            }
            return checkPatterns(patterns, location, keyPath, &errors)
        }
        for item in definitions.permissions
        where check(item.user, item.vhost, [item.configure, item.write, item.read], item.location) {
            access.setPermission(
                Permission(configure: item.configure, write: item.write, read: item.read),
                user: item.user, virtualHost: item.vhost)
        }
        for item in definitions.topicPermissions
        where check(item.user, item.vhost, [item.write, item.read], item.location) {
            access.setTopicPermission(
                Permission(configure: "", write: item.write, read: item.read),
                user: item.user, virtualHost: item.vhost, exchange: item.exchange)
        }
    }

    /// - Returns: whether all of them are regular expressions.
    private func checkPatterns(
        _ patterns: [String], _ location: SourceLocation, _ keyPath: String, _ errors: inout [DefinitionError]
    ) -> Bool {
        for pattern in patterns {
            guard let mistake = NamePattern.mistake(in: pattern) else { continue }
            errors.append(
                DefinitionError(
                    location: location, keyPath: keyPath,
                    message: "'\(pattern)' is not a regular expression that can be used: \(mistake)"))
            return false
        }
        return true
    }

    private func applyParameters(_ definitions: DefinitionSet, _ errors: inout [DefinitionError]) {
        for item in definitions.globalParameters {
            put(ParameterKey(virtualHost: "", component: "global", name: item.name), item.value)
        }
        for item in definitions.policies { applyPolicy(item, component: "policy", &errors) }
        for item in definitions.operatorPolicies { applyPolicy(item, component: "operator_policy", &errors) }
        for item in definitions.parameters {
            put(ParameterKey(virtualHost: item.vhost, component: item.component, name: item.name), item.value)
        }
    }

    private func applyPolicy(_ item: PolicyDefinition, component: String, _ errors: inout [DefinitionError]) {
        let path = component == "policy" ? "policy '\(item.name)'" : "operator policy '\(item.name)'"
        guard checkPatterns([item.pattern], item.location, path, &errors) else { return }
        let key = ParameterKey(virtualHost: item.vhost, component: component, name: item.name)
        let value = FieldValue.table([
            "pattern": .string(item.pattern), "apply-to": .string(item.applyTo.rawValue),
            "priority": .int64(Int64(item.priority)), "definition": .table(item.definition),
        ])
        guard parameters[key] != value else { return }
        do {
            try setPolicy(key, value)
            put(key, value)
        } catch {
            errors.append(DefinitionError(location: item.location, keyPath: path, message: "\(error)"))
        }
    }

    private func put(_ key: ParameterKey, _ value: FieldValue) {
        guard parameters[key] != value else { return }
        parameters[key] = value
        journal.put(
            .parameter(virtualHost: key.virtualHost.text, component: key.component.text, name: key.name.text),
            ["value": value])
    }

    private func virtualHost(_ name: String) throws(AMQPException) -> VirtualHost {
        guard let host = virtualHosts[WireName(name)] else { throw .channel(.notFound, "no vhost '\(name)'") }
        return host
    }

    private func apply(_ definition: ExchangeDefinition) throws(AMQPException) {
        let host = try virtualHost(definition.vhost)
        // RabbitMQ exports none of its own, and skips them on import.
        guard !definition.name.isEmpty, !definition.name.hasPrefixBytes("amq.") else { return }
        let properties = ExchangeProperties(
            type: definition.type, isDurable: definition.durable, isAutoDelete: definition.autoDelete,
            isInternal: definition.internal, arguments: definition.arguments)
        do {
            try host.declareExchange(definition.name, properties)
        } catch  where host.exchange(named: definition.name) != nil {
            logKept(definition.location, error)
        }
    }

    private func apply(_ definition: QueueDefinition) throws(AMQPException) {
        let host = try virtualHost(definition.vhost)
        guard !definition.name.hasPrefixBytes("amq.") else { return }
        var arguments = definition.arguments
        if let type = definition.type, arguments["x-queue-type"] == nil, type != "classic" {
            arguments["x-queue-type"] = .string(type)
        }
        let properties = QueueProperties(
            isDurable: definition.durable, isAutoDelete: definition.autoDelete, arguments: arguments)
        do {
            _ = try host.declareQueue(definition.name, properties, by: nil)
        } catch  where host.queue(named: definition.name) != nil {
            logKept(definition.location, error)
        }
    }

    private func logKept(_ location: SourceLocation, _ error: AMQPException) {
        logger.warning(
            "definition differs from what is there, which stays",
            metadata: ["definition": "\(location)", "difference": "\(error.detail)"])
    }

    private func apply(_ definition: BindingDefinition) throws(AMQPException) {
        let host = try virtualHost(definition.vhost)
        let source = try host.existingExchange(definition.source)
        let target: BindingTarget =
            switch definition.destinationType {
            case .queue: .queue(try host.existingQueue(definition.destination))
            case .exchange: .exchange(try host.existingExchange(definition.destination))
            }
        try host.refuseDefaultExchange(definition.source)
        try host.bind(source, to: target, routingKey: definition.routingKey, arguments: definition.arguments)
    }
}
