import Broker
import BrokerServer
import Hummingbird

/// Moves of messages: `POST /api/dlq/{vhost}/{name}/move` makes a plan, or applies one; `GET /api/dlq-tasks/{vhost}` and
/// `GET …/{id}` tell of the tasks, `POST …/{id}/pause`, `resume` and `cancel` change them.
///
/// Needs the permission to read from the queue, and to write where messages go.
struct RedriveRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
        api.post("dlq/:vhost/:name/move") { request, context in
            try await move(
                QueuePlace(
                    virtualHost: try context.name("vhost"), name: try context.name("name"), user: context.user),
                try await RequestFields(request, known: RedriveRequest.fieldNames))
        }
        let tasks = api.group("dlq-tasks/:vhost")
        tasks.get { _, context in try await list(try context.name("vhost"), context.user) }
        tasks.get(":id") { _, context in
            try await withTask(context) { tasks, id, host in try tasks.task(id, in: host) }
        }
        tasks.post(":id/pause") { _, context in
            try await change(context) { tasks, id, host in try tasks.pause(id, in: host) }
        }
        tasks.post(":id/resume") { _, context in
            try await change(context) { tasks, id, host in try tasks.resume(id, in: host) }
        }
        tasks.post(":id/cancel") { _, context in
            try await change(context) { tasks, id, host in try tasks.cancel(id, in: host) }
        }
    }

    private func move(_ place: QueuePlace, _ fields: RequestFields) async throws -> EditedResponse<JSONResponse> {
        if let hash = try fields.text("apply") {
            let task = try await server.withBroker { core in
                try core.redrives.start(plan: hash, by: place.user.name, of: try place.queue(in: core, .read))
            }
            return EditedResponse(status: .accepted, response: JSONResponse(JSONValue(task)))
        }
        let request = try RedriveRequest(fields)
        let plan: RedrivePlan = try await server.askBroker { core, answer in
            let queue = try place.queue(in: core, .read)
            let session = try place.user.session(in: place.virtualHost, of: core)
            try core.redrives.plan(request, of: queue, by: session) { answer.give($0) }
        }
        return EditedResponse(status: .ok, response: JSONResponse(JSONValue(plan)))
    }

    // MARK: Tasks

    private func list(_ virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        let tasks = try await server.withBroker { core in
            _ = try user.session(in: virtualHost, of: core)
            return core.redrives.tasks(in: virtualHost)
        }
        return JSONResponse(.array(tasks.map { JSONValue($0) }))
    }

    private func withTask(
        _ context: AuthenticatedContext,
        _ body: @escaping @Sendable (RedriveTasks, UInt64, String) throws -> RedriveTask
    ) async throws -> JSONResponse {
        let (virtualHost, text, user) = (try context.name("vhost"), try context.name("id"), context.user)
        guard let id = UInt64(text) else { throw APIError.badRequest("no id of a task: '\(text)'") }
        let task = try await server.withBroker { core in
            _ = try user.session(in: virtualHost, of: core)
            return try body(core.redrives, id, virtualHost)
        }
        return JSONResponse(JSONValue(task))
    }

    /// For who has begun the task, and for administrators.
    private func change(
        _ context: AuthenticatedContext,
        _ body: @escaping @Sendable (RedriveTasks, UInt64, String) throws -> RedriveTask
    ) async throws -> JSONResponse {
        let user = context.user
        return try await withTask(context) { tasks, id, virtualHost in
            let task = try tasks.task(id, in: virtualHost)
            guard user.isAdministrator || task.user == user.name else {
                throw APIError.notAuthorised("the task is user '\(task.user)'s")
            }
            return try body(tasks, id, virtualHost)
        }
    }
}
