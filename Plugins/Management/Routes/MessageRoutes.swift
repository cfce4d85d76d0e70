import Broker
import BrokerServer
import Hummingbird

/// `GET /api/queues/{vhost}/{name}/messages`: what is in a queue, in any state, without any effect on it. Needs the
/// permission to read from the queue.
struct MessageRoutes: RouteGroup {
    /// Of a body, unless `truncate` says otherwise.
    private static let bodyBytesDefault = 64 << 10

    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("queues/:vhost/:name/messages") { request, context in
            try await browse(
                try context.name("name"), in: try context.name("vhost"), try Query(request), context.user)
        }
    }

    private func browse(
        _ name: String, in virtualHost: String, _ query: Query, _ user: ManagementUser
    ) async throws -> JSONResponse {
        let form = try query.choice("body", as: BodyForm.self) ?? .none
        let truncate = try query.integer("truncate", in: 0...BrowseRequest.bytesMax) ?? Self.bodyBytesDefault
        let states = try query.choices("state", as: MessageState.self).map { chosen in
            chosen.reduce(into: MessageStates()) { $0.insert(MessageStates($1)) }
        }
        let request = try BrowseRequest(query, states: states ?? .all, bodyBytesMax: form == .none ? 0 : truncate)
        let page: BrowsePage = try await server.askBroker { core, answer in
            let session = try user.session(in: virtualHost, of: core)
            let queue = try session.virtualHost.existingQueue(name)
            try session.require(.read, .queue, name)
            try session.virtualHost.checkAccess(to: queue, by: nil)
            queue.browse(request) { answer.give($0) }
        }
        return JSONResponse(page.json { JSONValue($0, body: form) })
    }
}
