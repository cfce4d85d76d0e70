import Broker
import BrokerServer
import Hummingbird
import LosslessJSON
import NIOCore

/// What is in a queue, in any state, without any effect on it, below `/api/queues/{vhost}/{name}/messages` and, the same,
/// `/api/dlq/{vhost}/{name}/messages`:
///
/// `GET …`, page by page; `GET …/count`; `GET …/groups`; `GET …/{id}`, one with its whole body; `GET …/{id}/body`, that as it is; `GET
/// …/{id}/why`, how it has come here.
/// All need the permission to read from the queue, and the rights for what they show and filter by (`DeadLetterRight`).
struct MessageRoutes: RouteGroup {
    /// Of a body, unless `truncate` says otherwise.
    private static let bodyBytesDefault = 64 << 10
    /// Groups that are listed, unless `limit` says otherwise.
    private static let groupsDefault = 50

    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        for root in ["queues", "dlq"] {
            let messages = api.group("\(root)/:vhost/:name/messages")
            messages.get { try await browse(try place($1), try Query($0)) }
            messages.get("count") { try await count(try place($1), try Query($0)) }
            messages.get("groups") { try await group(try place($1), try Query($0)) }
            messages.get(":id") { try await one(try place($1), try $1.name("id"), try Query($0)) }
            messages.get(":id/body") { try await body(try place($1), try $1.name("id")) }
            messages.get(":id/why") { try await why(try place($1), try $1.name("id")) }
        }
    }

    private func place(_ context: AuthenticatedContext) throws -> QueuePlace {
        QueuePlace(
            virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user)
    }

    private func browse(_ place: QueuePlace, _ query: Query) async throws -> JSONResponse {
        let form = try query.choice("body", as: BodyForm.self) ?? .none
        try place.user.require(toSeeBodiesAs: form)
        let truncate = try query.integer("truncate", in: 0...BrowseRequest.bytesMax) ?? Self.bodyBytesDefault
        let request = try BrowseRequest(
            query, states: try MessageStates(query), bodyBytesMax: form == .none ? 0 : truncate)
        try place.user.require(toUse: request.filter)
        let isExport = query.boolean("export")
        return JSONResponse(
            try await page(place, request).json { message in
                isExport ? JSONValue(exported: message, of: place, body: form) : JSONValue(message, body: form)
            })
    }

    private func page(_ place: QueuePlace, _ request: BrowseRequest) async throws -> BrowsePage {
        try await server.askBroker { core, answer in
            try place.queue(in: core, .read).browse(request) { answer.give($0) }
        }
    }

    private func count(_ place: QueuePlace, _ query: Query) async throws -> JSONResponse {
        let request = try BrowseRequest(query)
        try place.user.require(.metadata)
        try place.user.require(toUse: request.filter)
        let scannedMax = try Self.scannedMax(query)
        let count: MessageCount = try await server.askBroker { core, answer in
            try place.queue(in: core, .read).count(request, scannedMax: scannedMax) { answer.give($0) }
        }
        return JSONResponse(.object(count.fields))
    }

    private func group(_ place: QueuePlace, _ query: Query) async throws -> JSONResponse {
        let request = try BrowseRequest(query)
        try place.user.require(.metadata)
        try place.user.require(toUse: request.filter)
        let scannedMax = try Self.scannedMax(query)
        guard let by = query["by"] else {
            throw APIError.badRequest("by: expected a field, like reason, source, key, header.NAME or $.json.path")
        }
        let key = try GroupKey(by)
        try place.user.require(toGroupBy: key)
        let limit = try query.integer("limit", in: 1...MessageGroups.listedMax) ?? Self.groupsDefault
        let groups: MessageGroups = try await server.askBroker { core, answer in
            try place.queue(in: core, .read).group(request, by: key, limit: limit, scannedMax: scannedMax) {
                answer.give($0)
            }
        }
        return JSONResponse(JSONValue(groups, by: key))
    }

    private static func scannedMax(_ query: Query) throws -> Int {
        try query.integer("scan", in: 1...MessageCount.scannedMax) ?? MessageCount.scannedDefault
    }

    // MARK: One message

    /// - Throws: 404 if it is not there.
    private func message(_ place: QueuePlace, _ text: String) async throws -> BrowsedMessage {
        guard let id = MessageID(text) else { throw APIError.badRequest("no id of a message: '\(text)'") }
        var request = BrowseRequest(limit: 1, filter: try MessageFilter("id = \(id)"))
        request.bodyBytesMax = .max
        guard let found = try await page(place, request).messages.first else {
            throw APIError.notFound("no message \(id) in queue '\(place.name)'")
        }
        return found
    }

    private func one(_ place: QueuePlace, _ id: String, _ query: Query) async throws -> JSONResponse {
        let form = try query.choice("body", as: BodyForm.self) ?? (place.user.may(.bodies) ? .text : .none)
        try place.user.require(toSeeBodiesAs: form)
        return JSONResponse(JSONValue(try await message(place, id), body: form))
    }

    private func why(_ place: QueuePlace, _ id: String) async throws -> JSONResponse {
        try place.user.require(.metadata)
        let found = try await message(place, id)
        let path = MessagePath(found, in: place.name)
        let queues = try await server.withBroker { core in
            let host = try place.user.session(in: place.virtualHost, of: core).virtualHost
            return path.queueNames.compactMap { host.queue(named: $0)?.facts }
        }
        return JSONResponse(path.json(queues))
    }

    private func body(_ place: QueuePlace, _ id: String) async throws -> Response {
        try place.user.require(.bodies)
        let found = try await message(place, id)
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: found.body)))
    }
}
