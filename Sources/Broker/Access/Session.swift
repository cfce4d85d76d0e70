import AMQPProtocol

/// A user at work in a virtual host: asks for permissions once and remembers the answers.
public final class Session {
    public let user: User
    public let virtualHost: VirtualHost
    private let access: AccessControl
    private var generation: UInt64
    private var patterns: [Permission.Operation: NamePattern] = [:]
    private var topicPatterns: [WireName: (write: NamePattern, read: NamePattern)] = [:]
    private var answers: [Question: Bool] = [:]

    /// For what a policy does: whoever may make policies decides over all of the virtual host.
    private let isPolicy: Bool

    /// With more answers than this all are forgotten; asking again costs a regular expression.
    private static let answersMax = 1024

    private struct Question: Hashable {
        let operation: Permission.Operation
        let name: WireName
    }

    /// - Throws: 530 NOT_ALLOWED if there is no such virtual host, or the user has no permission in it.
    public init(user: User, virtualHost name: String, core: BrokerCore) throws(AMQPException) {
        guard let virtualHost = core.virtualHosts[WireName(name)] else {
            throw .connection(.notAllowed, "vhost \(name) not found")
        }
        self.user = user
        self.virtualHost = virtualHost
        self.access = core.access
        self.generation = core.access.generation
        isPolicy = false
        guard compile() else {
            throw .connection(.notAllowed, "access to vhost '\(name)' refused for user '\(user.name)'")
        }
    }

    /// For what is done in the name of a policy.
    init(policy name: String, virtualHost: VirtualHost) {
        user = User(name: "policy '\(name)'", password: nil, tags: [])
        self.virtualHost = virtualHost
        access = virtualHost.core.access
        generation = access.generation
        isPolicy = true
    }

    @discardableResult
    private func compile() -> Bool {
        answers = [:]
        patterns = [:]
        topicPatterns = [:]
        generation = access.generation
        let grant = AccessControl.Grant(user: user.name, virtualHost: virtualHost.name)
        guard let permission = access.permissions[grant] else { return false }
        for operation in [Permission.Operation.configure, .write, .read] {
            patterns[operation] = NamePattern(permission.pattern(for: operation))
        }
        for (topicGrant, permission) in access.topicPermissions where topicGrant.grant == grant {
            topicPatterns[topicGrant.exchange] = (NamePattern(permission.write), NamePattern(permission.read))
        }
        return true
    }

    /// - Throws: 403 ACCESS_REFUSED. The default exchange goes by the name `amq.default` in permissions, as in RabbitMQ.
    public func require(
        _ operation: Permission.Operation, _ kind: ResourceName.Kind, _ name: String
    ) throws(AMQPException) {
        guard !isPolicy else { return }
        if generation != access.generation { compile() }
        let asked = kind == .exchange && name.isEmpty ? "amq.default" : name
        let question = Question(operation: operation, name: WireName(asked))
        let isGranted: Bool
        if let known = answers[question] {
            isGranted = known
        } else {
            isGranted = patterns[operation]?.matches(asked) ?? false
            if answers.count >= Self.answersMax { answers.removeAll(keepingCapacity: true) }
            answers[question] = isGranted
        }
        guard isGranted else {
            let resource = ResourceName(kind, asked, in: virtualHost.name)
            throw .channel(.accessRefused, "access to \(resource.text) refused for user '\(user.name)'")
        }
    }

    /// Whether any topic permission of this user limits the exchange: if not, nobody need ask about routing keys.
    public func hasTopicPermission(for exchange: Exchange) -> Bool {
        if generation != access.generation { compile() }
        return exchange.type == "topic" && !topicPatterns.isEmpty
            && topicPatterns[WireName(exchange.name)] != nil
    }

    /// - Throws: 403 ACCESS_REFUSED if the user's topic permission for the exchange does not cover the routing key.
    public func requireTopic(
        _ operation: Permission.Operation, _ exchange: Exchange, routingKey: String
    ) throws(AMQPException) {
        guard hasTopicPermission(for: exchange), let patterns = topicPatterns[WireName(exchange.name)] else { return }
        let pattern = operation == .write ? patterns.write : patterns.read
        guard pattern.matches(routingKey) else {
            throw .channel(
                .accessRefused,
                "access to topic '\(routingKey)' in exchange '\(exchange.name)' in vhost '\(virtualHost.name)' "
                    + "refused for user '\(user.name)'")
        }
    }

    /// A number that changes when a permission may have changed: whoever caches what `require` granted compares it.
    public var permissionGeneration: UInt64 { access.generation }
}
