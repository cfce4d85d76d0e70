import AMQPProtocol
import Broker

/// Who asks, and what RabbitMQ's tags let them see.
struct ManagementUser: Sendable {
    let user: Broker.User

    var name: String { user.name }

    /// Sees all virtual hosts, and what is not in one.
    var isMonitor: Bool { user.tags.contains("monitoring") || isAdministrator }

    var isAdministrator: Bool { user.tags.contains("administrator") }

    /// Whether the API is for them at all.
    var isManagementUser: Bool {
        !user.tags.isDisjoint(with: ["management", "policymaker", "monitoring", "administrator"])
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
