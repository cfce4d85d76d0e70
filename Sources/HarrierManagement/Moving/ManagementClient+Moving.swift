import LosslessJSON

extension ManagementClient {
    private static let pollInterval = Duration.milliseconds(200)

    // MARK: Plans

    /// Finds out what moving would do, and moves nothing.
    public func planMove(
        from queue: String, _ request: MoveRequest = MoveRequest()
    ) async throws(ManagementError) -> MessagePlan {
        try await plan(.move, of: queue, request.json)
    }

    /// The same for deleting: deleted messages can be restored as long as their grace lasts.
    ///
    /// - Parameters:
    ///   - query: of ready and undeliverable messages; ready ones if it names no state. Its `body` means nothing.
    ///   - graceMilliseconds: a week unless said, at most a year; with 0 they are gone for good.
    public func planDeletion(
        from queue: String, _ query: MessageQuery = MessageQuery(), limit: Int? = nil, graceMilliseconds: Int? = nil
    ) async throws(ManagementError) -> MessagePlan {
        try await plan(
            .delete, of: queue,
            [
                "filter": JSONValue(query.filter), "state": JSONValue(query.statesText), "limit": JSONValue(limit),
                "grace_ms": JSONValue(graceMilliseconds),
            ])
    }

    /// The same for bringing back what was deleted from a queue.
    ///
    /// - Parameter task: only what that task has deleted.
    /// - Throws: also `badTaskID`, for a task that can be of no broker.
    public func planRestoration(
        to queue: String, filter: String? = nil, task: MessageTask? = nil
    ) async throws(ManagementError) -> MessagePlan {
        var fields: JSONObject = ["filter": JSONValue(filter)]
        if let task {
            guard let id = Int(task.id) else { throw .badTaskID(task.id) }
            fields["task"] = JSONValue(id)
        }
        return try await plan(.restore, of: queue, fields)
    }

    private func plan(
        _ action: MessagePlan.Action, of queue: String, _ fields: JSONObject
    ) async throws(ManagementError) -> MessagePlan {
        let answer = try await postForObject(["dlq", virtualHost, queue, action.rawValue], fields)
        return try read(answer) { MessagePlan($0, action, of: queue) }
    }

    /// Has a plan carried out; each message is moved once, whatever happens to the broker meanwhile.
    ///
    /// - Throws: `refused` with 409 if the plan is not known any more: it was applied, the broker was started anew, or 64 others
    ///   have been made.
    public func apply(_ plan: MessagePlan) async throws(ManagementError) -> MessageTask {
        let path = ["dlq", virtualHost, plan.queue, plan.action.rawValue]
        return try read(try await postForObject(path, ["apply": .string(plan.hash)])) { MessageTask($0) }
    }

    // MARK: Tasks

    /// The newest first.
    public func tasks() async throws(ManagementError) -> [MessageTask] {
        try read(try await list(["dlq-tasks", virtualHost])) { MessageTask($0) }
    }

    public func task(_ id: String) async throws(ManagementError) -> MessageTask {
        try read(try await object(["dlq-tasks", virtualHost, id])) { MessageTask($0) }
    }

    /// Waits until a task is over, or paused.
    ///
    /// - Parameter onProgress: is told how far it has come, five times a second.
    /// - Throws: `ManagementError`, or `CancellationError`, if the waiting is cancelled between two looks: the task goes on all the
    ///   same.
    public func wait(
        for task: MessageTask, isolation: isolated (any Actor)? = #isolation,
        onProgress: (MessageTask) -> Void = { _ in }
    ) async throws -> MessageTask {
        var task = task
        while task.status == .running {
            onProgress(task)
            try await Task.sleep(for: Self.pollInterval)
            task = try await self.task(task.id)
        }
        return task
    }

    public func pause(_ task: MessageTask) async throws(ManagementError) -> MessageTask {
        try await change(task, "pause")
    }

    public func resume(_ task: MessageTask) async throws(ManagementError) -> MessageTask {
        try await change(task, "resume")
    }

    /// What has been moved stays moved.
    public func cancel(_ task: MessageTask) async throws(ManagementError) -> MessageTask {
        try await change(task, "cancel")
    }

    private func change(_ task: MessageTask, _ change: String) async throws(ManagementError) -> MessageTask {
        try read(try await postForObject(["dlq-tasks", virtualHost, task.id, change])) { MessageTask($0) }
    }

    /// Brings back what a move or a deletion has taken away and what is still there.
    ///
    /// - Returns: the tasks that do it, one for each queue that messages had come to.
    /// - Throws: `refused` with 409 if messages have come to several queues each, or were undeliverable, and for a task that runs, or
    ///   has itself brought messages back. Queues that are gone meanwhile are passed over.
    public func undo(_ task: MessageTask) async throws(ManagementError) -> [MessageTask] {
        try read(try await postForList(["dlq-tasks", virtualHost, task.id, "undo"])) { MessageTask($0) }
    }
}
