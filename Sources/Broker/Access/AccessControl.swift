import AMQPProtocol

/// Users and what they may do. Changes go to the journal; who is logged in sees them at the next operation.
public final class AccessControl {
    struct Grant: Hashable {
        let user: WireName
        let virtualHost: WireName

        init(user: String, virtualHost: String) {
            self.user = WireName(user)
            self.virtualHost = WireName(virtualHost)
        }
    }

    struct TopicGrant: Hashable {
        let grant: Grant
        let exchange: WireName
    }

    /// Why somebody was not let in. Never told to the client in detail; the log has it.
    public enum LoginFailure: Error, Equatable {
        case unknownUser
        case wrongPassword
        case onlyFromLoopback
    }

    private let journal: TopologyJournal
    private let loopbackUsers: Set<WireName>
    public private(set) var users: [WireName: User] = [:]
    private(set) var permissions: [Grant: Permission] = [:]
    private(set) var topicPermissions: [TopicGrant: Permission] = [:]
    /// Moves with every change; sessions forget what they have looked up when it does.
    private(set) var generation: UInt64 = 0

    init(journal: TopologyJournal, loopbackUsers: Set<String>) {
        self.journal = journal
        self.loopbackUsers = Set(loopbackUsers.map { WireName($0) })
    }

    public var isEmpty: Bool { users.isEmpty }

    public func put(_ user: User) {
        restore(user)
        journal.put(.user(user.name), user.journalTable)
    }

    public func setPermission(_ permission: Permission, user: String, virtualHost: String) {
        restore(permission, user: user, virtualHost: virtualHost)
        journal.put(.permission(user: user, virtualHost: virtualHost), permission.journalTable)
    }

    public func setTopicPermission(_ permission: Permission, user: String, virtualHost: String, exchange: String) {
        restore(permission, user: user, virtualHost: virtualHost, exchange: exchange)
        journal.put(
            .topicPermission(user: user, virtualHost: virtualHost, exchange: exchange), permission.journalTable)
    }

    // What recovery found: in the journal already.

    func restore(_ user: User) {
        users[WireName(user.name)] = user
        generation += 1
    }

    func restore(_ permission: Permission, user: String, virtualHost: String) {
        permissions[Grant(user: user, virtualHost: virtualHost)] = permission
        generation += 1
    }

    func restore(_ permission: Permission, user: String, virtualHost: String, exchange: String) {
        let grant = Grant(user: user, virtualHost: virtualHost)
        topicPermissions[TopicGrant(grant: grant, exchange: WireName(exchange))] = permission
        generation += 1
    }

    /// Whether the user has permissions in that virtual host, whatever they allow: that is what it takes to enter it.
    public func mayEnter(_ virtualHost: String, user: String) -> Bool {
        permissions[Grant(user: user, virtualHost: virtualHost)] != nil
    }

    /// Checks a name and password.
    public func authenticate(user name: String, password: [UInt8], isLoopback: Bool) throws(LoginFailure) -> User {
        guard let user = users[WireName(name)] else { throw .unknownUser }
        guard user.password?.matches(password) == true else { throw .wrongPassword }
        return try admit(user, isLoopback: isLoopback)
    }

    /// Lets in a user whom a client certificate has named.
    public func authenticate(certificateName name: String, isLoopback: Bool) throws(LoginFailure) -> User {
        guard let user = users[WireName(name)] else { throw .unknownUser }
        return try admit(user, isLoopback: isLoopback)
    }

    private func admit(_ user: User, isLoopback: Bool) throws(LoginFailure) -> User {
        guard isLoopback || !loopbackUsers.contains(WireName(user.name)) else { throw .onlyFromLoopback }
        return user
    }
}
