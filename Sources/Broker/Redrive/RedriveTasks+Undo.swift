extension RedriveTasks {
    /// Begins to bring back what a task has moved or deleted and what is still there: from each of its targets, or from the bin,
    /// to the queue where it had been, as tasks of their own. What has been consumed meanwhile, or is in a consumer's hands, is
    /// left alone.
    ///
    /// - Parameters:
    ///   - session: of who asks for it.
    ///   - then: is called once, on the core's loop, with the tasks that have begun.
    /// - Throws: `taskUnknown`, `wrongStatus` of a task that still runs, `cannotUndo`, 403 without the permission to read from
    ///   the targets.
    public func undo(
        _ id: UInt64, by session: Session, then: @escaping (Result<[RedriveTask], any Error>) -> Void
    ) throws {
        let host = session.virtualHost
        let task = try task(id, in: host.name)
        guard task.status != .running else { throw RedriveError.wrongStatus(.running) }
        switch task.action {
        case .delete:
            guard let bin = host.binIfThere else { return then(.success([])) }
            let filter = try MessageFilter.header("x-deleted-task", is: "\(id)")
                .and(.header("x-deleted-from", is: task.queue))
            undo([(bin, RedriveRequest(filter: filter, destination: .deletedFrom))], session, [], then)
        case .move:
            guard !task.request.states.contains(.undeliverable) else {
                throw RedriveError.cannotUndo(
                    "its messages were undeliverable, and would come back as ready ones, for consumers to take")
            }
            guard task.copies == task.moved else {
                throw RedriveError.cannotUndo("some messages have come to several queues")
            }
            guard task.targets.values.reduce(0, +) == task.copies else {
                throw RedriveError.cannotUndo("it has moved messages to queues that are gone, or to too many")
            }
            let filter = MessageFilter.header("x-redriven-task", is: "\(id)")
            var request = RedriveRequest(filter: filter, destination: .undone(queue: task.queue))
            request.options.isParking = task.request.options.isParking
            var steps: [(Queue, RedriveRequest)] = []
            for name in task.targets.keys.sorted() {
                guard let queue = host.queue(named: name) else { continue }
                try session.require(.read, .queue, name)
                steps.append((queue, request))
            }
            undo(steps[...], session, [], then)
        case .restore, .undo: throw RedriveError.cannotUndo("it has itself brought messages back")
        }
    }

    private func undo(
        _ steps: ArraySlice<(Queue, RedriveRequest)>, _ session: Session, _ begun: [RedriveTask],
        _ then: @escaping (Result<[RedriveTask], any Error>) -> Void
    ) {
        guard let (queue, request) = steps.first else { return then(.success(begun)) }
        do {
            try draw(request, of: queue, by: session) { [weak self] result in
                guard let self else { return }
                do {
                    let task = try self.begin(try result.get())
                    self.undo(steps.dropFirst(), session, begun + [task], then)
                } catch {
                    then(.failure(error))
                }
            }
        } catch {
            then(.failure(error))
        }
    }
}
