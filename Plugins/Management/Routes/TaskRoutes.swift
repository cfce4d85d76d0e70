import Broker
import BrokerServer
import Hummingbird
import LosslessJSON

/// Moves, deletions and restorations that run or have run: `GET /api/dlq-tasks/{vhost}`, `GET …/{id}`, and `POST …/{id}/pause`,
/// `resume`, `cancel`, `undo`, for who has begun the task (policymakers, if a policy has) and for administrators, if they have the right to do what it does.
///
/// Others' tasks are shown to those who may look at messages, and their filters to those who may see what these look at.
struct TaskRoutes: RouteGroup {
    let server: BrokerServer

    func add(to api: RouterGroup<AuthenticatedContext>) {
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
        tasks.post(":id/undo") { _, context in try await undo(context) }
    }

    private func list(_ virtualHost: String, _ user: ManagementUser) async throws -> JSONResponse {
        let tasks = try await server.withBroker { core in
            _ = try user.session(in: virtualHost, of: core)
            return core.redrives.tasks(in: virtualHost).filter { user.sees($0) }
        }
        return JSONResponse(.array(tasks.map { JSONValue($0, for: user) }))
    }

    private func id(_ context: AuthenticatedContext) throws -> UInt64 {
        let text = try context.name("id")
        guard let id = UInt64(text) else { throw APIError.badRequest("no id of a task: '\(text)'") }
        return id
    }

    private func withTask(
        _ context: AuthenticatedContext,
        _ body: @escaping @Sendable (RedriveTasks, UInt64, String) throws -> RedriveTask
    ) async throws -> JSONResponse {
        let (virtualHost, id, user) = (try context.name("vhost"), try id(context), context.user)
        let task = try await server.withBroker { core in
            _ = try user.session(in: virtualHost, of: core)
            guard user.sees(try core.redrives.task(id, in: virtualHost)) else { throw RedriveError.taskUnknown }
            return try body(core.redrives, id, virtualHost)
        }
        return JSONResponse(JSONValue(task, for: user))
    }

    private func change(
        _ context: AuthenticatedContext,
        _ body: @escaping @Sendable (RedriveTasks, UInt64, String) throws -> RedriveTask
    ) async throws -> JSONResponse {
        let user = context.user
        return try await withTask(context) { tasks, id, virtualHost in
            try Self.requireOwner(user, of: try tasks.task(id, in: virtualHost))
            return try body(tasks, id, virtualHost)
        }
    }

    private static func requireOwner(_ user: ManagementUser, of task: RedriveTask) throws {
        let isTheirs = task.policy == nil ? user.hasBegun(task) : user.isPolicyMaker
        guard user.isAdministrator || isTheirs else {
            let owner = task.policy == nil ? "user '\(task.user)'" : task.user
            throw APIError.notAuthorised("the task is of \(owner)")
        }
        try user.require(task.action.right)
    }

    private func undo(_ context: AuthenticatedContext) async throws -> EditedResponse<JSONResponse> {
        let (virtualHost, id, user) = (try context.name("vhost"), try id(context), context.user)
        let tasks: [RedriveTask] = try await server.askBroker { core, answer in
            let session = try user.session(in: virtualHost, of: core)
            try Self.requireOwner(user, of: try core.redrives.task(id, in: virtualHost))
            try core.redrives.undo(id, by: session) { answer.give($0) }
        }
        return EditedResponse(status: .accepted, response: JSONResponse(.array(tasks.map { JSONValue($0, for: user) })))
    }
}
