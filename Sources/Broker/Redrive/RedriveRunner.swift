import AMQPProtocol

/// A task at work: walk after walk over its queue, as long as it is to run.
final class RedriveRunner {
    private static let retryNanoseconds: UInt64 = 1_000_000_000
    /// While it goes on: a record costs as much as moving some dozens of messages.
    private static let recordIntervalNanoseconds: UInt64 = 10_000_000

    private unowned let core: BrokerCore
    var task: RedriveTask
    private var walk: QueueWalk?
    private var mover: RedriveMover?
    private var messagesLimit: RateLimit?
    private var bytesLimit: RateLimit?
    /// How many messages have come to which queue in this run, by its id.
    private var targets: [UInt64: Int] = [:]
    private var lastRecordNanoseconds: UInt64 = 0
    private var isRecordDue = false
    private var isScheduled = false
    private var isLookingForReturns = false
    /// Why it does not get on.
    private var waitsFor: String?
    /// What is over is told of as over once the log is durable so far.
    private var isEndDurable: Bool

    /// - Parameter task: new, or as a start has found it.
    init(_ task: RedriveTask, core: BrokerCore) {
        self.task = task
        self.core = core
        isEndDurable = task.status.isOver
        let options = task.request.options
        messagesLimit = options.messagesPerSecond.map { RateLimit(perSecond: $0, nowNanoseconds: core.nowNanoseconds) }
        bytesLimit = options.bytesPerSecond.map { RateLimit(perSecond: $0, nowNanoseconds: core.nowNanoseconds) }
    }

    /// As it is told of.
    var shown: RedriveTask {
        var shown = task
        if task.status == .running { shown.note = waitsFor }
        if task.status.isOver, !isEndDurable {
            shown.status = .running
            shown.note = nil
        }
        return shown
    }

    // MARK: Asked for

    func pause() throws(RedriveError) {
        guard task.status == .running else { throw .wrongStatus(task.status) }
        task.status = .paused
        task.note = nil
        record()
    }

    func resume() throws(RedriveError) {
        guard task.status == .paused else { throw .wrongStatus(task.status) }
        task.status = .running
        task.note = nil
        record()
        schedule()
    }

    func cancel(note: String? = nil) throws(RedriveError) {
        guard !task.status.isOver else { throw .wrongStatus(task.status) }
        end(.cancelled, note)
    }

    // MARK: Going on

    func schedule(inNanoseconds wait: UInt64 = 1) {
        guard !isScheduled else { return }
        isScheduled = true
        core.timers.schedule(.redrive(task.id), atNanoseconds: core.nowNanoseconds + wait)
    }

    /// The time that was asked for has come.
    func run() {
        isScheduled = false
        guard task.status == .running, walk == nil, !isLookingForReturns else { return }
        guard let queue = core.queuesByID[task.queueID] else { return end(.failed, "the queue is not there any more") }
        if let time = task.canaryEndsAtMilliseconds, task.canaryReturned == nil {
            guard core.nowMilliseconds >= time else {
                return schedule(inNanoseconds: (time - core.nowMilliseconds) * 1_000_000)
            }
            return lookForReturns(in: queue)
        }
        let session: Session
        do throws(Forbidden) {
            session = try makeSession(queue)
        } catch {
            return end(.failed, error.note)
        }
        let range = task.range
        let gate = FilterGate(task.request.filter, of: queue, from: start, direction: range.direction)
        guard !gate.isClosed, !isLimitReached else { return end(.done) }
        let mover = RedriveMover(self, gate, session)
        let walk = QueueWalk(
            queue, task.request.states, from: gate.begin, scannedMax: .max, direction: range.direction, visitor: mover
        ) { [weak self] result in
            self?.walkEnded(result)
        }
        self.mover = mover
        self.walk = walk
        core.walks.begin(walk)
    }

    private struct Forbidden: Error {
        let note: String
    }

    /// Of who has begun the task, with what they may do now.
    private func makeSession(_ queue: Queue) throws(Forbidden) -> Session {
        if let policy = task.policy { return Session(policy: policy, virtualHost: queue.virtualHost) }
        guard let user = core.access.users[WireName(task.user)],
            let session = try? Session(user: user, virtualHost: task.virtualHost, core: core)
        else { throw Forbidden(note: "user '\(task.user)' may not be in the virtual host any more") }
        let right = task.action.right
        guard user.deadLetterRights.contains(right) else {
            throw Forbidden(note: "user '\(task.user)' may not \(right.explanation) any more")
        }
        return session
    }

    /// Behind the last message that has been looked at.
    private var start: QueueLines.Place {
        guard let last = task.place?.place else { return task.range.begin }
        let step = task.range.direction == .forward ? 1 : -1
        return QueueLines.Place(line: last.line, number: last.number + step)
    }

    private func walkEnded(_ result: Result<WalkEnd, WalkError>) {
        let stop = mover?.stop
        let hasChanged = mover?.takeChange() ?? false
        walk = nil
        mover = nil
        if isRecordDue || hasChanged { record() }
        guard task.status == .running else { return }
        switch (result, stop) {
        case (.failure(.brokerClosed), _): break
        case (.failure(.tooManyWalks), _): schedule(inNanoseconds: Self.retryNanoseconds)
        case (.failure(let error), _): end(.failed, "\(error)")
        case (.success, nil): end(.done)
        case (.success, .unwanted): if isLimitReached { end(.done) } else { schedule() }
        case (.success, .later(let wait, let reason)):
            waitsFor = reason
            schedule(inNanoseconds: wait)
        case (.success, .canary): beginCanary()
        }
    }

    private func end(_ status: RedriveTask.Status, _ note: String? = nil) {
        task.status = status
        task.note = note
        task.finishedAtMilliseconds = core.nowMilliseconds
        record()
        core.whenDurable(core.logTail) { [weak self] in self?.isEndDurable = true }
        core.redrives.taskEnded(task)
    }

    func countTarget(_ queueID: UInt64) { targets[queueID, default: 0] += 1 }

    /// Writes down how far it has come, unless that has been done just now.
    func recordNowAndThen() {
        isRecordDue = true
        guard core.nowNanoseconds >= lastRecordNanoseconds + Self.recordIntervalNanoseconds else { return }
        record()
    }

    /// Writes down how far it has come.
    func record() {
        isRecordDue = false
        lastRecordNanoseconds = core.nowNanoseconds
        guard core.redrives.knows(task.id) else { return }
        for (id, count) in targets { task.count(count, to: core.queuesByID[id]?.name) }
        targets.removeAll(keepingCapacity: true)
        core.journal.put(.redrive(task.id), task.journalTable)
    }

    // MARK: Limits

    var isLimitReached: Bool { task.request.options.limit.map { task.moved >= $0 } ?? false }

    /// Until something may be moved.
    var waitNanoseconds: UInt64 {
        let now = core.nowNanoseconds
        return max(messagesLimit?.waitNanoseconds(now) ?? 0, bytesLimit?.waitNanoseconds(now) ?? 0)
    }

    func hasMoved(bytes: Int) {
        waitsFor = nil
        task.moved += 1
        task.movedBytes += bytes
        messagesLimit?.take(1)
        bytesLimit?.take(bytes)
    }

    // MARK: The first messages

    var isCanaryDue: Bool {
        guard let canary = task.request.options.canary, task.canaryEndsAtMilliseconds == nil else { return false }
        return task.moved >= canary.messages
    }

    private func beginCanary() {
        guard let canary = task.request.options.canary else { return }
        task.canaryEndsAtMilliseconds = core.nowMilliseconds + canary.waitMilliseconds
        record()
        schedule()
    }

    /// Asks how many of the first messages are in a queue where nobody has consumed them yet, and how many are where they came
    /// from again. In this order: what is rejected meanwhile is counted twice rather than not at all.
    private func lookForReturns(in queue: Queue) {
        isLookingForReturns = true
        let targets = task.targets.keys.sorted().compactMap { queue.virtualHost.queue(named: $0) }
        count(targets.filter { $0 !== queue }[...], then: queue, waiting: 0)
    }

    private func count(_ targets: ArraySlice<Queue>, then source: Queue, waiting: Int) {
        guard let target = targets.first else {
            return countMoved(in: source) { [weak self] result in
                switch result {
                case .success(let returned): self?.found(returned: returned, waiting: waiting)
                case .failure(let error): self?.cannotLook(error)
                }
            }
        }
        countMoved(in: target) { [weak self] result in
            switch result {
            // A queue gets each message once: of those that are in several, the fullest tells how many there are at the least.
            case .success(let count): self?.count(targets.dropFirst(), then: source, waiting: max(waiting, count))
            // What was in a target that is gone waits there no more.
            case .failure(.queueDeleted): self?.count(targets.dropFirst(), then: source, waiting: waiting)
            case .failure(let error): self?.cannotLook(error)
            }
        }
    }

    private func countMoved(in queue: Queue, then: @escaping (Result<Int, WalkError>) -> Void) {
        let filter = MessageFilter.header("x-redriven-task", is: "\(task.id)")
        queue.count(BrowseRequest(states: .all, filter: filter), scannedMax: MessageCount.scannedMax) { result in
            then(result.map(\.matched))
        }
    }

    private func cannotLook(_ error: WalkError) {
        isLookingForReturns = false
        switch error {
        case .brokerClosed: break
        case .tooManyWalks: schedule(inNanoseconds: Self.retryNanoseconds)
        case .queueDeleted, .badCursor: if !task.status.isOver { end(.failed, "\(error)") }
        }
    }

    /// - Parameter returned: copies, of which a message has left one for each queue that has rejected it.
    private func found(returned: Int, waiting: Int) {
        isLookingForReturns = false
        let canary = task.request.options.canary
        let returned = min(returned, canary?.messages ?? returned)
        task.canaryReturned = returned
        if task.status == .running, let canary {
            let most = canary.returnsPercentMax * canary.messages
            if returned * 100 > most {
                task.status = .paused
                task.note = "\(returned) of the first \(canary.messages) messages have come back"
            } else if task.targets.values.reduce(0, +) < task.copies {
                task.status = .paused
                task.note =
                    "the first \(canary.messages) messages have come to queues that are gone, or to more than "
                    + "\(RedriveTask.targetsMax), so nobody knows whether they were consumed; when it is resumed, the others follow"
            } else if (returned + waiting) * 100 > most {
                task.status = .paused
                task.note =
                    "\(waiting) of the first \(canary.messages) messages have not been consumed yet, so nobody knows whether they "
                    + "come back; when it is resumed, the others follow"
            }
        }
        record()
        schedule()
    }
}
