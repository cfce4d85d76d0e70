import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// `GET /api/dlq/{vhost}/{name}/messages/{id}/document`: a message as it can be edited; `POST …/edit` publishes an edited copy of it;
/// `GET /api/dlq-edits/{vhost}` lists edits.
///
/// Needs the permission to read from the queue, and for editing to write where the copy goes; and the rights to see what is edited,
/// and to edit.
struct EditRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        let message = api.group("dlq/:vhost/:name/messages/:id")
        message.get("document") { _, context in
            try context.user.require(.metadata, .bodies)
            return JSONResponse(EditDocument(try await self.message(try place(context), try context.name("id"))).value)
        }
        message.post("edit") { request, context in
            try context.user.require(.edit, .metadata, .bodies)
            let known = RedriveRequest.destinationNames.union(["patch", "document"])
            let fields = try await RequestFields(request, known: known)
            return try await edit(try place(context), try context.name("id"), fields)
        }
        api.get("dlq-edits/:vhost") { _, context in
            try context.user.require(.metadata)
            return try await list(try context.name("vhost"), context.user)
        }
    }

    private func place(_ context: AuthenticatedContext) throws -> QueuePlace {
        QueuePlace(virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user)
    }

    /// - Throws: 404 if it is not there.
    private func message(_ place: QueuePlace, _ text: String) async throws -> BrowsedMessage {
        guard let id = MessageID(text) else { throw APIError.badRequest("no id of a message: '\(text)'") }
        var request = BrowseRequest(limit: 1, filter: try MessageFilter("id = \(id)"))
        request.bodyBytesMax = .max
        let page: BrowsePage = try await server.askBroker { [request] core, answer in
            try place.queue(in: core, .read).browse(request) { answer.give($0) }
        }
        guard let found = page.messages.first else {
            throw APIError.notFound("no message \(id) in queue '\(place.name)'")
        }
        return found
    }

    private func edit(_ place: QueuePlace, _ id: String, _ fields: RequestFields) async throws -> JSONResponse {
        let destination = try RedriveRequest.destination(fields)
        let original = try await message(place, id)
        let document = EditDocument(original)
        let edited: JSONValue
        switch (fields.value("patch"), fields.value("document")) {
        case (let patch?, nil): edited = try JSONPatch(patch).apply(to: document.value)
        case (nil, let whole?): edited = whole
        default: throw APIError.badRequest("expected either a patch (RFC 6902), or a whole document")
        }
        let content = try document.content(of: edited)
        let edit: MessageEdit = try await server.askBroker { core, answer in
            let queue = try place.queue(in: core, .read)
            let session = try place.user.session(in: place.virtualHost, of: core)
            try core.edits.begin(original, of: queue, content, to: destination, by: session) { answer.give($0) }
        }
        return try await server.withBroker { core in JSONResponse(Self.json(edit, core)) }
    }

    private func list(_ virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        try await server.withBroker { core in
            _ = try user.session(in: virtualHost, of: core)
            return JSONResponse(.array(core.edits.edits(in: virtualHost).map { Self.json($0, core) }))
        }
    }

    private static func json(_ edit: MessageEdit, _ core: BrokerCore) -> JSONValue {
        [
            "id": .string("\(edit.id)"), "vhost": .string(edit.virtualHost), "queue": .string(edit.queue),
            "message": .string("\(edit.message)"), "user": .string(edit.user), "status": .string(edit.status.rawValue),
            "started_at": .unsigned(edit.startedAtMilliseconds), "finished_at": JSONValue(edit.finishedAtMilliseconds),
            "copies": .array(core.edits.queues(of: edit).map { .string($0) }),
        ]
    }
}
