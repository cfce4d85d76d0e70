import Dispatch
import Synchronization

/// Work on files that the owner must not wait for: reads of cold pages, writes of pages that leave memory, checkpoints.
///
/// Called by the owner's thread alone. A job runs elsewhere; what it came to is handed to its `then` in `poll`, on the
/// owner's thread. Reads run side by side; writes run one after the other, in the order in which they were asked for, so
/// that a sync asked for after some writes covers them.
public final class DiskJobs {
    enum Lane {
        case read
        case write
    }

    /// What a job brought back.
    ///
    /// Unchecked: `memory` belongs to the job until it is done, and to whoever gets the result afterwards.
    struct Value: @unchecked Sendable {
        var memory: UnsafeMutableRawPointer?
        var byteCount = 0
    }

    typealias Outcome = Result<Value, StorageError>
    typealias Job = @Sendable () -> Outcome

    /// Shared with the threads that run jobs.
    private final class Inbox: Sendable {
        let finished = Mutex<[(id: UInt64, outcome: Outcome)]>([])
    }

    /// How many reads run at the same time: enough to keep a disk busy, few enough not to crowd the core out.
    private static let readersMax = 4

    private let inbox = Inbox()
    private let notify: @Sendable () -> Void
    private let readers: [DispatchQueue]
    private let writer: DispatchQueue?
    private var nextReader = 0
    private var nextID: UInt64 = 1
    private var continuations: [UInt64: (Outcome) -> Void] = [:]
    /// With no threads of its own: jobs that wait for `poll`.
    private var waiting: [(id: UInt64, job: Job)] = []

    /// - Parameters:
    ///   - placement: `insidePoll` runs jobs within `poll`, for simulations and tests.
    ///   - notify: called on a job's thread when `poll` has something to hand over.
    public init(placement: SegmentLog.Configuration.WriterPlacement, notify: @escaping @Sendable () -> Void) {
        self.notify = notify
        switch placement {
        case .ownThread:
            readers = (0..<Self.readersMax).map { DispatchQueue(label: "harrier.pages.reader-\($0)") }
            writer = DispatchQueue(label: "harrier.pages.writer")
        case .insidePoll:
            readers = []
            writer = nil
        }
    }

    /// How many jobs have not been handed over yet.
    public var pendingCount: Int { continuations.count }

    /// - Parameter then: is called by `poll` or not at all. It may refer to the owner without holding it: whoever calls `poll`
    ///   holds that.
    func start(_ lane: Lane, _ job: @escaping Job, then: @escaping (Outcome) -> Void) {
        let id = nextID
        nextID += 1
        continuations[id] = then
        guard let queue = queue(for: lane) else {
            waiting.append((id, job))
            return notify()
        }
        queue.async { [inbox, notify] in
            let outcome = job()
            let isFirst = inbox.finished.withLock { finished in
                finished.append((id, outcome))
                return finished.count == 1
            }
            if isFirst { notify() }
        }
    }

    private func queue(for lane: Lane) -> DispatchQueue? {
        guard lane == .read, !readers.isEmpty else { return writer }
        nextReader = (nextReader + 1) % readers.count
        return readers[nextReader]
    }

    /// Hands over what is done.
    public func poll() {
        guard !continuations.isEmpty else { return }
        let jobs = waiting
        waiting = []
        for (id, job) in jobs { finish(id, job()) }
        let finished = inbox.finished.withLock { finished in
            let taken = finished
            finished = []
            return taken
        }
        for (id, outcome) in finished { finish(id, outcome) }
    }

    private func finish(_ id: UInt64, _ outcome: Outcome) {
        guard let then = continuations.removeValue(forKey: id) else { preconditionFailure("a job ended twice") }
        then(outcome)
    }

    /// Waits for everything that was asked for, and what that asks for in turn, and hands it over. For the end, and for
    /// the time before the owner has begun its work.
    public func drain() {
        while !continuations.isEmpty {
            for queue in readers { queue.sync {} }
            writer?.sync {}
            poll()
        }
    }
}
