import Broker

/// A queue that a request names, and who asks.
struct QueuePlace: Sendable {
    let virtualHost: String
    let name: String
    let user: ManagementUser

    /// - Throws: 404 if it is not there, 401 if the user is not in the virtual host or lacks the permission for the queue.
    func queue(in core: BrokerCore, _ operation: Permission.Operation) throws -> Queue {
        let session = try user.session(in: virtualHost, of: core)
        let queue = try session.virtualHost.existingQueue(name)
        try session.require(operation, .queue, name)
        try session.virtualHost.checkAccess(to: queue, by: nil)
        return queue
    }
}
