import AMQPProtocol
import DequeModule
import Logging

/// Moves dead letters back as policies want it: run after run, each of them plans and tasks as anybody's. Queues without such a
/// policy are not in here, and a broker without one has no timer for it. Owned by the core.
public final class RedriveSchedules {
    /// Tasks of policies that are under way or paused, of all that may be (`RedriveTasks.runningMax`): the others are for people.
    public static let runningMax = 8
    /// A policy's first run on a queue, and the first one after a restart, is so much later, or `redrive-every` if that is less.
    public static let firstRunMilliseconds: UInt64 = 60_000
    /// When all walks are in use.
    private static let retryNanoseconds: UInt64 = 1_000_000_000

    private enum Phase {
        case idle
        /// The step is to begin.
        case due
        /// For a place for its task: nothing is looked at before there is one.
        case waiting
        case planning
        case running(task: UInt64)
    }

    private final class Entry {
        let policy: RedrivePolicy
        var nextNanoseconds: UInt64 = 0
        var phase = Phase.idle
        /// Of the run under way, the one in hand first.
        var steps: ArraySlice<RedrivePolicy.Step> = []
        var run: RedriveSchedule.Run?
        var last: RedriveSchedule.Run?
        /// What has been warned of, so that it is not every time.
        var lastWarning: String?

        init(_ policy: RedrivePolicy) { self.policy = policy }
    }

    private unowned let core: BrokerCore
    /// By the queue's id.
    private var entries: [UInt64: Entry] = [:]
    /// Those that wait for a place for their tasks, by their ids: first come, first served.
    private var waiting: Deque<UInt64> = []
    /// Those that have a place in view, and find out what there is to move.
    private var planning: Set<UInt64> = []
    private var hasBegun = false

    init(core: BrokerCore) { self.core = core }

    // MARK: Policies come and go

    /// Everything that a start has found is there: what went on goes on, and runs come when they were due.
    func begin() {
        hasBegun = true
        for queue in core.queuesByID.values where !queue.isInternal {
            guard let policy = queue.settings.redrive else { continue }
            let entry = Entry(policy)
            let (every, now) = (policy.everyMilliseconds, core.nowMilliseconds)
            var wait = Self.firstWait(policy)
            let before = core.redrives.policyTasks(ofQueue: queue.id)
            if let began = before.map(\.startedAtMilliseconds).max(), began + every > now {
                // A clock that was set back shall not put it off for longer than that.
                wait = max(wait, min(began + every - now, every))
            }
            if let task = before.last(where: { !$0.status.isOver }) {
                entry.phase = .running(task: task.id)
                entry.run = RedriveSchedule.Run(beganAtMilliseconds: task.startedAtMilliseconds)
                entry.steps = policy.steps.drop { policy.request(for: $0)?.filter.text != task.request.filter.text }
            }
            add(entry, queue.id, inMilliseconds: wait)
        }
    }

    /// The queue is new, or has another policy for this than before, or none any more. A task of the one before ends.
    func policyChanged(of queue: Queue) {
        guard hasBegun, !queue.isInternal else { return }
        if case .running(let task)? = removeEntry(queue.id)?.phase {
            core.redrives.cancelForPolicy(task, note: "the queue's policy has changed")
        }
        guard let policy = queue.settings.redrive else { return }
        add(Entry(policy), queue.id, inMilliseconds: Self.firstWait(policy))
    }

    func queueDeleted(_ queue: Queue) {
        guard removeEntry(queue.id) != nil else { return }
        core.timers.cancel(.redrivePolicy(queue.id))
    }

    private static func firstWait(_ policy: RedrivePolicy) -> UInt64 {
        min(policy.everyMilliseconds, firstRunMilliseconds)
    }

    private func add(_ entry: Entry, _ queueID: UInt64, inMilliseconds wait: UInt64) {
        entries[queueID] = entry
        entry.nextNanoseconds = core.nowNanoseconds + wait * 1_000_000
        wake(queueID, atNanoseconds: entry.nextNanoseconds)
    }

    private func removeEntry(_ queueID: UInt64) -> Entry? {
        guard let entry = entries.removeValue(forKey: queueID) else { return nil }
        if case .waiting = entry.phase { waiting.removeAll { $0 == queueID } }
        planning.remove(queueID)
        slotFreed()
        return entry
    }

    private func wake(_ queueID: UInt64, atNanoseconds time: UInt64) {
        core.timers.schedule(.redrivePolicy(queueID), atNanoseconds: time)
    }

    // MARK: Runs

    /// A timer's time has come.
    func run(_ queueID: UInt64) {
        guard let entry = entries[queueID], let queue = core.queuesByID[queueID] else { return }
        if core.nowNanoseconds >= entry.nextNanoseconds {
            // A run that takes longer than that leaves the next one out: there are never two.
            let every = entry.policy.everyMilliseconds * 1_000_000
            let missed = (core.nowNanoseconds - entry.nextNanoseconds) / every
            entry.nextNanoseconds += (missed + 1) * every
            wake(queueID, atNanoseconds: entry.nextNanoseconds)
            if case .idle = entry.phase, queue.ready.count > 0 {
                entry.run = RedriveSchedule.Run(beganAtMilliseconds: core.nowMilliseconds)
                entry.steps = entry.policy.steps[...]
                entry.phase = .due
            }
        }
        if case .due = entry.phase { beginStep(entry, queue) }
    }

    private func beginStep(_ entry: Entry, _ queue: Queue) {
        guard let step = entry.steps.first, let request = entry.policy.request(for: step) else {
            return endRun(entry, queue)
        }
        let name = policyName(of: queue)
        do {
            if case .queue(let target) = request.destination, target.hasSameBytes(as: queue.name) {
                throw RedriveError.badRequest("messages of queue '\(queue.name)' are to be moved to itself")
            }
            guard core.redrives.freeSlots.policies > planning.count else {
                entry.phase = .waiting
                return waiting.append(queue.id)
            }
            let session = Session(policy: name, virtualHost: queue.virtualHost)
            entry.phase = .planning
            planning.insert(queue.id)
            try core.redrives.draw(request, of: queue, by: session, policy: name) { [weak self, weak queue] result in
                guard let self, let queue, self.entries[queue.id] === entry else { return }
                self.planned(result, entry, queue)
            }
        } catch {
            planning.remove(queue.id)
            warn(entry, queue, "\((error as? AMQPException)?.detail ?? "\(error)")")
            nextStep(entry, queue)
        }
    }

    private func planned(_ result: Result<RedrivePlan, WalkError>, _ entry: Entry, _ queue: Queue) {
        planning.remove(queue.id)
        switch result {
        case .failure(.brokerClosed): break
        case .failure(.tooManyWalks): tryLater(entry, queue)
        case .failure(let error):
            warn(entry, queue, "\(error)")
            endRun(entry, queue)
            slotFreed()
        case .success(let plan):
            guard plan.messages > 0 else {
                entry.run?.stays.merge(plan.stays) { $0 + $1 }
                nextStep(entry, queue)
                return slotFreed()
            }
            do throws(RedriveError) {
                entry.phase = .running(task: try core.redrives.begin(plan).id)
            } catch {
                // Somebody else has begun a task in the meantime.
                entry.phase = .waiting
                waiting.append(queue.id)
            }
        }
    }

    private func tryLater(_ entry: Entry, _ queue: Queue) {
        entry.phase = .due
        wake(queue.id, atNanoseconds: core.nowNanoseconds + Self.retryNanoseconds)
    }

    /// A task of a policy is over.
    func taskEnded(_ task: RedriveTask) {
        guard let entry = entries[task.queueID], case .running(task: task.id) = entry.phase,
            let queue = core.queuesByID[task.queueID]
        else { return }
        if case .park? = entry.steps.first { entry.run?.parked += task.moved } else { entry.run?.moved += task.moved }
        entry.run?.stays.merge(task.stays) { $0 + $1 }
        switch task.status {
        case .done: nextStep(entry, queue)
        case .cancelled, .failed, .running, .paused:
            if let note = task.note { warn(entry, queue, note) }
            endRun(entry, queue)
        }
    }

    /// There may be room for a policy's task again.
    func slotFreed() {
        guard !waiting.isEmpty else { return }
        for _ in 0..<max(0, core.redrives.freeSlots.policies - planning.count) {
            guard let id = waiting.popFirst(), let entry = entries[id] else { return }
            entry.phase = .due
            wake(id, atNanoseconds: core.nowNanoseconds + 1)
        }
    }

    private func nextStep(_ entry: Entry, _ queue: Queue) {
        entry.steps = entry.steps.dropFirst()
        guard !entry.steps.isEmpty else { return endRun(entry, queue) }
        entry.phase = .due
        // Not within the walk whose end has led here.
        wake(queue.id, atNanoseconds: core.nowNanoseconds + 1)
    }

    private func endRun(_ entry: Entry, _ queue: Queue) {
        entry.phase = .idle
        entry.steps = []
        entry.last = entry.run ?? entry.last
        if entry.run?.note == nil { entry.lastWarning = nil }
        entry.run = nil
    }

    private func warn(_ entry: Entry, _ queue: Queue, _ text: String) {
        entry.run?.note = text
        guard entry.lastWarning != text else { return }
        entry.lastWarning = text
        core.logger.warning(
            "a policy can't move messages of a queue back",
            metadata: [
                "queue": "\(queue.name)", "vhost": "\(queue.virtualHost.name)", "policy": "\(policyName(of: queue))",
                "reason": "\(text)",
            ])
    }

    private func policyName(of queue: Queue) -> String {
        queue.virtualHost.policies.names(forQueue: queue.name, of: queue.settings.type).policy ?? ""
    }

    // MARK: What can be told

    /// Queues with such a policy.
    var count: Int { entries.count }

    /// Nil for a queue without such a policy.
    func schedule(of queue: Queue, policyName: String?) -> RedriveSchedule? {
        guard let entry = entries[queue.id] else { return nil }
        let wait = max(entry.nextNanoseconds, core.nowNanoseconds) - core.nowNanoseconds
        var task: UInt64?
        if case .running(let id) = entry.phase { task = id }
        return RedriveSchedule(
            policyName: policyName ?? "", policy: entry.policy,
            nextRunAtMilliseconds: core.nowMilliseconds + wait / 1_000_000, last: entry.last, runningTask: task)
    }
}
