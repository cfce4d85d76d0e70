import Broker
import BrokerServer
import HTTPTypes
import Hummingbird
import LosslessJSON

/// Messages that wait for their time (`x-delay`, `x-deliver-at`): `GET /api/scheduled/{vhost}`, in the order in which they
/// were published, and `DELETE /api/scheduled/{vhost}/{id}`. Both need the permission to read from the queue
/// `amq.harrier.scheduled`, where they wait; and the rights to look at messages, and to delete them.
struct ScheduledRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.get("scheduled/:vhost") { request, context in
            try await list(in: try context.name("vhost"), try Query(request), context.user)
        }
        api.delete("scheduled/:vhost/:id") { _, context in
            try await cancel(try context.name("id"), in: try context.name("vhost"), context.user)
        }
    }

    private static func host(
        _ name: String, _ user: ManagementUser, _ core: BrokerCore
    ) throws -> VirtualHost {
        let session = try user.session(in: name, of: core)
        try session.require(.read, .queue, VirtualHost.scheduleName)
        return session.virtualHost
    }

    private func list(in virtualHost: String, _ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        try user.require(.metadata)
        let request = try BrowseRequest(query, states: .all, bodyBytesMax: 0)
        try user.require(toUse: request.filter)
        let page: BrowsePage = try await server.askBroker { core, answer in
            guard let queue = try Self.host(virtualHost, user, core).scheduledMessages else {
                return answer.succeed(BrowsePage.empty)
            }
            queue.browse(request) { answer.give($0) }
        }
        return JSONResponse(page.json { JSONValue(scheduled: $0) })
    }

    /// 204 once the message is gone for good; 404 if it is not there any more, 409 if it is being delivered.
    private func cancel(_ text: String, in virtualHost: String, _ user: ManagementUser) async throws -> Response {
        try user.require(.delete)
        try await server.askBroker { (core, answer: BrokerAnswer<Void>) in
            let host = try Self.host(virtualHost, user, core)
            guard let id = MessageID(text) else { throw ScheduledCancelError.notFound }
            host.cancelScheduled(id) { answer.give($0) }
        }
        return Response(status: .noContent)
    }
}
