import AMQPProtocol
import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// What moves messages: `POST /api/dlq/{vhost}/{name}/move`, `delete` and `restore` make a plan, or apply one; `GET
/// /api/dlq-bin/{vhost}/messages` shows what has been deleted and can be restored.
///
/// Needs the permission to read from the queue, and for moving to write where messages go; and the rights to move or delete, and
/// to see what is filtered by.
struct RedriveRoutes: RouteGroup {
    /// How long what is deleted is kept, unless `grace_ms` says otherwise: a week.
    private static let graceMillisecondsDefault = 604_800_000

    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        let queue = api.group("dlq/:vhost/:name")
        queue.post("move") { request, context in
            try context.user.require(.move)
            let fields = try await RequestFields(request, known: RedriveRequest.fieldNames)
            return try await planOrApply(try place(context), fields, to: .move) { try RedriveRequest(fields) }
        }
        queue.post("delete") { request, context in
            try context.user.require(.delete)
            let fields = try await RequestFields(request, known: RedriveRequest.selectionNames.union(["grace_ms"]))
            return try await planOrApply(try place(context), fields, to: .delete) {
                let range = 0...Int(RedriveDestination.graceMillisecondsMax)
                let grace = try fields.integer("grace_ms", in: range) ?? Self.graceMillisecondsDefault
                return try RedriveRequest(fields, to: .bin(graceMilliseconds: UInt64(grace)))
            }
        }
        queue.post("restore") { request, context in
            try context.user.require(.delete)
            let fields = try await RequestFields(request, known: RedriveRequest.selectionNames.union(["task"]))
            let place = try place(context)
            return try await planOrApply(place, fields, to: .restore) {
                var request = try RedriveRequest(fields, to: .deletedFrom)
                try place.user.require(toUse: request.filter)
                request.filter = try request.filter.and(.header("x-deleted-from", is: place.name))
                if let task = try fields.integer("task", in: 0...Int.max) {
                    request.filter = try request.filter.and(.header("x-deleted-task", is: "\(task)"))
                }
                return request
            }
        }
        api.get("dlq-bin/:vhost/messages") { request, context in
            try await bin(of: try context.name("vhost"), try Query(request), context.user)
        }
    }

    private func place(_ context: AuthenticatedContext) throws -> QueuePlace {
        QueuePlace(virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user)
    }

    /// - Parameter action: messages to restore are in the bin, and had been in the queue.
    private func planOrApply(
        _ place: QueuePlace, _ fields: RequestFields, to action: RedriveTask.Action, _ make: () throws -> RedriveRequest
    ) async throws -> EditedResponse<JSONResponse> {
        let isFromBin = action == .restore
        if let hash = try fields.text("apply") {
            let others = fields.names.subtracting(["apply"])
            let request = others.isEmpty ? nil : try make()
            let task = try await server.withBroker { core in
                let named = try place.queue(in: core, .read)
                let queue = isFromBin ? named.virtualHost.bin : named
                if let request {
                    let plan = try core.redrives.plan(hash, by: place.user.name, of: queue, for: place.name)
                    let differing = Self.difference(of: request, from: plan.request, in: others)
                    // Of another action's plan, that is the first thing to say.
                    if let differing, plan.request.destination.action == action {
                        throw RedriveError.planDiffers(differing)
                    }
                }
                return try core.redrives.start(
                    plan: hash, to: action, by: place.user.name, of: queue, for: place.name)
            }
            return EditedResponse(status: .accepted, response: JSONResponse(JSONValue(task, for: place.user)))
        }
        let request = try make()
        if !isFromBin { try place.user.require(toUse: request.filter) }
        let plan: RedrivePlan = try await server.askBroker { core, answer in
            let queue = try place.queue(in: core, .read)
            let session = try place.user.session(in: place.virtualHost, of: core)
            try core.redrives.plan(
                request, of: isFromBin ? queue.virtualHost.bin : queue, for: place.name, by: session
            ) {
                answer.give($0)
            }
        }
        return EditedResponse(status: .ok, response: JSONResponse(JSONValue(plan)))
    }

    /// The first of the fields that says something else than the plan was made with.
    private static func difference(
        of written: RedriveRequest, from planned: RedriveRequest, in names: Set<String>
    ) -> String? {
        let (written, planned) = (JSONValue(written).object ?? [:], JSONValue(planned).object ?? [:])
        return names.sorted().first { name in
            // The task whose messages are restored is a part of the filter.
            let key = name == "task" ? "filter" : name
            // By their bytes: what looks the same may be another name.
            return !(written[key] ?? .null).isSameJSON(as: planned[key] ?? .null)
        }
    }

    private func bin(of virtualHost: String, _ query: Query, _ user: ManagementUser) async throws -> JSONResponse {
        let form = try query.choice("body", as: BodyForm.self) ?? .none
        let request = try BrowseRequest(
            query, states: try MessageStates(query), bodyBytesMax: form == .none ? 0 : 64 << 10)
        try user.require(toSeeBodiesAs: form)
        try user.require(toUse: request.filter)
        let page: BrowsePage = try await server.askBroker { core, answer in
            let session = try user.session(in: virtualHost, of: core)
            try session.require(.read, .queue, VirtualHost.binName)
            guard let bin = session.virtualHost.binIfThere else { return answer.succeed(BrowsePage.empty) }
            bin.browse(request) { answer.give($0) }
        }
        return JSONResponse(page.json { JSONValue($0, body: form) })
    }
}
