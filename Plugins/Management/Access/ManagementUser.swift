import AMQPProtocol
import Broker

/// Who asks, what RabbitMQ's tags let them see, and what Harrier's own let them do with messages.
struct ManagementUser: Sendable {
    let user: Broker.User

    var name: String { user.name }

    /// Sees all virtual hosts, and what is not in one.
    var isMonitor: Bool { user.tags.contains("monitoring") || isAdministrator }

    /// Whether policies' tasks are theirs.
    var isPolicyMaker: Bool { user.tags.contains("policymaker") || isAdministrator }

    var isAdministrator: Bool { user.tags.contains("administrator") }

    /// Whether the API is for them at all.
    var isManagementUser: Bool {
        !user.tags.isDisjoint(with: ["management", "policymaker", "monitoring", "administrator"])
            || user.hasDeadLetterTags
    }

    func may(_ right: DeadLetterRight) -> Bool { user.deadLetterRights.contains(right) }

    /// - Parameter hint: what would be allowed.
    /// - Throws: 401 for the first of the rights that they lack.
    func require(_ rights: DeadLetterRight..., hint: String = "") throws {
        guard let missing = rights.first(where: { !may($0) }) else { return }
        throw refusal("may not \(missing.explanation)", missing, hint)
    }

    /// - Throws: 401, unless they may look at messages, and at their bodies if these are asked for.
    func require(toSeeBodiesAs form: BodyForm) throws {
        try require(.metadata)
        if form != .none { try require(.bodies, hint: "body=none leaves bodies out") }
    }

    /// A filter on what somebody may not see would tell it nonetheless.
    ///
    /// - Throws: 401.
    func require(toUse filter: MessageFilter) throws {
        for right in DeadLetterRight.allCases where filter.rights.contains(right) && !may(right) {
            throw refusal("may not filter by what they may not see", right)
        }
    }

    /// - Throws: 401.
    func require(toGroupBy key: GroupKey) throws {
        guard may(key.right) else { throw refusal("may not group by what they may not see", key.right) }
    }

    /// Whether a task is shown to them: their own, or anybody's if they may look at messages.
    func sees(_ task: RedriveTask) -> Bool { hasBegun(task) || may(.metadata) }

    func hasBegun(_ task: RedriveTask) -> Bool { task.policy == nil && task.user == name }

    func seesFilter(of task: RedriveTask) -> Bool {
        hasBegun(task) || seesWhatIsFound(by: task.request.filter)
    }

    /// A filter and how many messages it has found tell of what it looks at.
    func seesWhatIsFound(by filter: MessageFilter) -> Bool { filter.rights.allSatisfy { may($0) } }

    private func refusal(_ what: String, _ missing: DeadLetterRight, _ hint: String = "") -> APIError {
        .notAuthorised(
            "user '\(name)' \(what): their tags lack \(missing.rawValue)" + (hint.isEmpty ? "" : " (\(hint))"))
    }

    /// Whether the virtual host is shown to them: to monitors all, to others those that they have permissions in.
    func sees(_ virtualHost: VirtualHost) -> Bool {
        isMonitor || virtualHost.core.access.mayEnter(virtualHost.name, user: name)
    }

    /// - Throws: 404 if there is no such virtual host, 401 if it is not shown to them.
    func visible(_ name: String, in core: BrokerCore) throws -> VirtualHost {
        guard let host = core.virtualHosts[WireName(name)] else { throw APIError.notFound }
        guard sees(host) else { throw APIError.notAuthorised("User not authorised to access virtual host") }
        return host
    }

    /// For what needs permissions of its own in the virtual host, whatever the tags.
    ///
    /// - Throws: 404 if there is no such virtual host, 401 without permissions there.
    func session(in name: String, of core: BrokerCore) throws -> Session {
        guard core.virtualHosts[WireName(name)] != nil else { throw APIError.notFound }
        guard core.access.mayEnter(name, user: self.name) else {
            throw APIError.notAuthorised("User not authorised to access virtual host")
        }
        return try Session(user: user, virtualHost: name, core: core)
    }
}
