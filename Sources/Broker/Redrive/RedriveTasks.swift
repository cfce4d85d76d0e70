import AMQPProtocol
import Crypto
import Logging
import SegmentLog

/// Moves of messages: the plans that have been made, and the tasks that carry them out. Owned by the core.
public final class RedriveTasks {
    /// Plans that are remembered, in memory only: the oldest goes.
    public static let plansMax = 64
    /// Tasks that run or are paused.
    public static let runningMax = 16
    /// Tasks that are remembered; the oldest that are over go, those of policies first while they are more than half.
    public static let tasksMax = 1000
    /// Of those of policies that are over, for each queue.
    public static let policyTasksMax = 50

    unowned let core: BrokerCore
    private var plans: [RedrivePlan] = []
    private var runners: [UInt64: RedriveRunner] = [:]
    private var nextID: UInt64 = 1

    init(core: BrokerCore) { self.core = core }

    // MARK: Plans

    /// Finds out what moving would do, and does nothing.
    ///
    /// - Parameters:
    ///   - queue: where the messages are.
    ///   - subject: the queue that is asked about, if that is another one.
    ///   - session: of who asks for it, whose permission to read from the queue has been checked.
    ///   - then: as for `Queue.browse`.
    /// - Throws: for what can't be: states of messages that are not movable, a destination that is not there or that the user
    ///   may not write to.
    public func plan(
        _ request: RedriveRequest, of queue: Queue, for subject: String? = nil, by session: Session,
        then: @escaping (Result<RedrivePlan, WalkError>) -> Void
    ) throws {
        try draw(request, of: queue, for: subject, by: session) { [weak self] result in
            if case .success(let plan) = result { self?.remember(plan) }
            then(result)
        }
    }

    /// The same for a plan that is not remembered.
    ///
    /// - Parameter policy: in whose name it is, if not in a user's.
    func draw(
        _ request: RedriveRequest, of queue: Queue, for subject: String? = nil, by session: Session,
        policy: String? = nil,
        then: @escaping (Result<RedrivePlan, WalkError>) -> Void
    ) throws {
        try check(request, session)
        try Self.checkSample(request.options)
        let range = RedriveRange(highWaterMarks: queue.ready.lines.map(\.end), order: request.options.order)
        findSample(request, of: queue, range) { [weak self, weak queue] result in
            switch result {
            case .failure(let error): then(.failure(error))
            case .success(let request):
                guard let self, let queue, !queue.isDeleted else { return then(.failure(.queueDeleted)) }
                self.route(request, of: queue, for: subject ?? queue.name, by: session, policy, range, then: then)
            }
        }
    }

    private func route(
        _ request: RedriveRequest, of queue: Queue, for subject: String, by session: Session, _ policy: String?,
        _ range: RedriveRange, then: @escaping (Result<RedrivePlan, WalkError>) -> Void
    ) {
        let gate = FilterGate(request.filter, of: queue, from: range.begin, direction: range.direction)
        let planner = RedrivePlanner(request, of: queue, range, gate, session)
        let user = session.user.name
        func plan(_ end: WalkEnd) -> RedrivePlan {
            self.plan(planner, end, request, queue, subject, range, user, policy)
        }
        guard !gate.isClosed else { return then(.success(plan(WalkEnd(next: nil, scanned: 0)))) }
        let walk = QueueWalk(
            queue, request.states, from: gate.begin, scannedMax: .max, direction: range.direction, visitor: planner
        ) { result in
            then(result.map(plan))
        }
        core.walks.begin(walk)
    }

    func check(_ request: RedriveRequest, _ session: Session) throws {
        guard !request.states.isEmpty, request.states.isSubset(of: RedriveRequest.movableStates) else {
            throw RedriveError.badRequest(
                "only ready and undeliverable messages can be meant: others are in a consumer's hands, or wait for their "
                    + "delay")
        }
        switch request.destination {
        case .exchange(let name, _):
            let exchange = try session.virtualHost.existingExchange(name)
            try session.require(.write, .exchange, name)
            guard !exchange.isInternal else {
                throw RedriveError.badRequest("cannot publish to internal \(exchange.resourceName.text)")
            }
        case .queue(let name):
            _ = try session.virtualHost.existingQueue(name)
            try session.require(.write, .exchange, "")
        case .bin(let grace):
            guard grace <= RedriveDestination.graceMillisecondsMax else {
                throw RedriveError.badRequest(
                    "what is deleted is kept for \(RedriveDestination.graceMillisecondsMax) milliseconds at the most")
            }
        case .original, .originalQueue, .deletedFrom, .undone: break
        }
    }

    private func plan(
        _ planner: RedrivePlanner, _ end: WalkEnd, _ request: RedriveRequest, _ queue: Queue, _ subject: String,
        _ range: RedriveRange, _ user: String, _ policy: String?
    ) -> RedrivePlan {
        RedrivePlan(
            hash: Self.hash(planner, request, queue, range), virtualHost: queue.virtualHost.name, queue: queue.name,
            subject: subject, request: request, user: user, policy: policy, madeAtMilliseconds: core.nowMilliseconds,
            highWaterMarks: range.highWaterMarks, last: planner.last, scanned: end.scanned,
            matched: planner.gate.matched,
            undecided: planner.gate.undecided, messages: planner.messages, bytes: planner.bytes,
            targets: planner.sortedTargets, stays: planner.stays, queueID: queue.id)
    }

    private func remember(_ plan: RedrivePlan) {
        plans.removeAll { $0.hash == plan.hash && $0.user == plan.user }
        plans.append(plan)
        if plans.count > Self.plansMax { plans.removeFirst() }
    }

    /// The same for the same request on the same messages with the same result.
    private static func hash(
        _ planner: RedrivePlanner, _ request: RedriveRequest, _ queue: Queue, _ range: RedriveRange
    ) -> String {
        var table = request.journalTable
        table["queue"] = .int64(Int64(queue.id))
        table["marks"] = .array(range.highWaterMarks.map { .int64(Int64($0)) })
        table["last"] = planner.last.map { .int64(Int64($0.rawValue)) }
        table["messages"] = .int64(Int64(planner.messages))
        table["bytes"] = .int64(Int64(planner.bytes))
        table["targets"] = .array(
            planner.sortedTargets.flatMap { [.string($0.queue), .int64(Int64($0.messages))] })
        table["stays"] = .table(RedriveTask.table(of: planner.stays))
        var buffer = WireBuffer()
        table.encode(into: &buffer)
        let digits = SHA256.hash(data: Array(buffer.bytes)).prefix(6).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return digits.joined()
    }

    // MARK: Tasks

    /// A plan that a user has made and not applied yet.
    ///
    /// - Throws: `planUnknown`, also for somebody else's.
    public func plan(
        _ hash: String, by user: String, of queue: Queue, for subject: String? = nil
    ) throws(RedriveError) -> RedrivePlan {
        try plans[place(of: hash, by: user, of: queue, for: subject)]
    }

    private func place(
        of hash: String, by user: String, of queue: Queue, for subject: String?
    ) throws(RedriveError) -> Int {
        let name = subject ?? queue.name
        let place = plans.firstIndex { plan in
            plan.hash == hash && plan.user == user && plan.queueID == queue.id && plan.subject.hasSameBytes(as: name)
        }
        guard let place else { throw .planUnknown }
        return place
    }

    /// Carries out a plan. It goes on after a restart, whatever stopped the broker, and moves each message once.
    ///
    /// - Parameter action: what it is taken for.
    /// - Throws: `planUnknown`, also for somebody else's; `planOfOther`, `tooManyTasks`.
    public func start(
        plan hash: String, to action: RedriveTask.Action, by user: String, of queue: Queue, for subject: String? = nil
    ) throws(RedriveError) -> RedriveTask {
        let place = try place(of: hash, by: user, of: queue, for: subject)
        let planned = plans[place].request.destination.action
        guard planned == action else { throw .planOfOther(planned) }
        let task = try begin(plans[place])
        plans.remove(at: place)
        return task
    }

    /// Carries out a plan.
    ///
    /// - Throws: `tooManyTasks`.
    func begin(_ plan: RedrivePlan) throws(RedriveError) -> RedriveTask {
        let slots = freeSlots
        guard slots.all > 0, plan.policy == nil || slots.policies > 0 else { throw .tooManyTasks }
        let runner = RedriveRunner(
            RedriveTask(plan, id: nextID, nowMilliseconds: core.nowMilliseconds), core: core)
        nextID += 1
        runners[runner.task.id] = runner
        runner.record()
        forgetOldest()
        runner.schedule()
        log("messages of a queue are being \(plan.request.destination.action.participle)", runner.task)
        return runner.shown
    }

    /// How many tasks may begin now, and how many of policies. Paused ones keep their places.
    var freeSlots: (all: Int, policies: Int) {
        let under = runners.values.filter { !$0.task.status.isOver }
        let all = Self.runningMax - under.count
        return (all, min(all, RedriveSchedules.runningMax - under.count(where: { $0.task.policy != nil })))
    }

    /// The newest first.
    public func tasks(in virtualHost: String) -> [RedriveTask] {
        runners.values.map(\.shown).filter { $0.virtualHost.hasSameBytes(as: virtualHost) }.sorted { $0.id > $1.id }
    }

    /// - Throws: `taskUnknown`.
    public func task(_ id: UInt64, in virtualHost: String) throws(RedriveError) -> RedriveTask {
        try runner(id, virtualHost).shown
    }

    public func pause(_ id: UInt64, in virtualHost: String) throws(RedriveError) -> RedriveTask {
        try change(id, virtualHost) { runner throws(RedriveError) in try runner.pause() }
    }

    public func resume(_ id: UInt64, in virtualHost: String) throws(RedriveError) -> RedriveTask {
        try change(id, virtualHost) { runner throws(RedriveError) in try runner.resume() }
    }

    public func cancel(_ id: UInt64, in virtualHost: String) throws(RedriveError) -> RedriveTask {
        try change(id, virtualHost) { runner throws(RedriveError) in try runner.cancel() }
    }

    private func change(
        _ id: UInt64, _ virtualHost: String, _ body: (RedriveRunner) throws(RedriveError) -> Void
    ) throws(RedriveError) -> RedriveTask {
        let runner = try runner(id, virtualHost)
        try body(runner)
        return runner.shown
    }

    private func runner(_ id: UInt64, _ virtualHost: String) throws(RedriveError) -> RedriveRunner {
        guard let runner = runners[id], runner.task.virtualHost.hasSameBytes(as: virtualHost) else {
            throw .taskUnknown
        }
        return runner
    }

    /// Policies have it done again and again, which is no news.
    private func log(_ message: Logger.Message, _ task: RedriveTask) {
        core.logger.log(
            level: task.policy == nil ? .notice : .debug, message,
            metadata: [
                "task": "\(task.id)", "queue": "\(task.queue)", "vhost": "\(task.virtualHost)", "user": "\(task.user)",
                "plan": "\(task.plan)", "status": "\(task.status.rawValue)", "messages": "\(task.plannedMessages)",
                "moved": "\(task.moved)", "stayed": "\(task.staysCount)",
            ])
    }

    /// Whether it has not been forgotten.
    func knows(_ id: UInt64) -> Bool { runners[id] != nil }

    /// A timer's time has come.
    func run(_ id: UInt64) { runners[id]?.run() }

    func taskEnded(_ task: RedriveTask) {
        log("messages of a queue have been \(task.action.participle)", task)
        forgetOldest()
        if task.policy != nil {
            forgetOldestPolicyTasks(ofQueue: task.queueID)
            core.redriveSchedules.taskEnded(task)
        }
        core.redriveSchedules.slotFreed()
    }

    /// A policy with many runs leaves others' tasks their place.
    private func forgetOldestPolicyTasks(ofQueue id: UInt64) {
        let over = policyTasks(ofQueue: id).filter(\.status.isOver)
        for task in over.dropLast(Self.policyTasksMax) { forget(task.id) }
    }

    private func forget(_ id: UInt64) {
        runners[id] = nil
        core.journal.delete(.redrive(id))
    }

    private func forgetOldest() {
        while runners.count > Self.tasksMax, let id = nextToForget { forget(id) }
    }

    /// While policies have more than half of the places it is one of theirs, and the last one on each queue, by which a start
    /// knows when the next is due, goes after all others.
    private var nextToForget: UInt64? {
        let tasks = runners.values.map(\.task)
        let policyTasks = tasks.filter { $0.policy != nil }
        var last: [UInt64: UInt64] = [:]
        for task in policyTasks where core.queuesByID[task.queueID] != nil {
            last[task.queueID] = max(last[task.queueID] ?? 0, task.id)
        }
        let over = (policyTasks.count > Self.tasksMax / 2 ? policyTasks : tasks).filter(\.status.isOver)
        let spare = over.filter { $0.policy == nil || last[$0.queueID] != $0.id }
        return (spare.isEmpty ? over : spare).map(\.id).min()
    }

    /// Those that policies have begun on the queue with that id, the oldest first.
    func policyTasks(ofQueue id: UInt64) -> [RedriveTask] {
        runners.values.map(\.task).filter { $0.queueID == id && $0.policy != nil }.sorted { $0.id < $1.id }
    }

    /// Ends a task whose policy does not want it any more.
    func cancelForPolicy(_ id: UInt64, note: String) { try? runners[id]?.cancel(note: note) }

    // MARK: After a restart

    /// What a start has found; its record is in the journal.
    func restore(_ id: UInt64, _ table: FieldTable) {
        nextID = max(nextID, id + 1)
        guard let task = RedriveTask(id: id, journalTable: table) else {
            core.logger.error("a task of moving messages can't be read", metadata: ["task": "\(id)"])
            return
        }
        runners[id] = RedriveRunner(task, core: core)
    }

    /// Lets what was running go on.
    func resumeRestored() {
        for runner in runners.values where runner.task.status == .running { runner.schedule() }
    }
}
