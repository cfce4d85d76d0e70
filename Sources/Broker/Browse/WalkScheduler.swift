/// Lets walks over queues go on, one after the other, in pieces of some hundred microseconds with pauses between them
/// (`WalkPauses`). Alone they get all of the core's time, in pieces of a millisecond.
final class WalkScheduler {
    /// Walks that may be under way at the same time; more are refused.
    static let walksMax = 64

    private unowned let core: BrokerCore
    /// Under way, in the order of their turns.
    private var walks: [QueueWalk] = []
    /// Those whose pages have come in this turn.
    private var arrivals: [QueueWalk] = []
    private var isScheduled = false
    private var isInPiece = false
    private var pauses = WalkPauses()

    init(core: BrokerCore) { self.core = core }

    /// Others use so much of the core that pieces are kept apart.
    var isCoreBusy: Bool { pauses.isCoreBusy }

    /// Walks under way.
    var count: Int { walks.count }

    /// The walk's completion is called exactly once, possibly within this call.
    func begin(_ walk: QueueWalk) {
        guard !core.isClosed else { return walk.finish(.failure(.brokerClosed)) }
        guard walks.count < Self.walksMax else { return walk.finish(.failure(.tooManyWalks)) }
        walks.append(walk)
        // A piece whose end has led here sees to it itself, and not in this turn.
        if !isInPiece { schedule(atNanoseconds: core.nowNanoseconds) }
    }

    private func schedule(atNanoseconds time: UInt64) {
        guard !isScheduled else { return }
        isScheduled = true
        core.timers.schedule(.walks, atNanoseconds: time)
    }

    /// At the end of the pause, as long as others are as busy as they were; what they have used tells more after a while.
    private func scheduleNext() {
        let ready = walks.filter { !$0.isWaiting }
        guard !ready.isEmpty else { return }
        let end = ready.allSatisfy { $0.purpose == .copy } ? pauses.endForCopies : pauses.end
        schedule(
            atNanoseconds: min(max(end, core.nowNanoseconds + 1), core.nowNanoseconds + WalkPauses.lookNanoseconds))
    }

    // MARK: Turns

    /// The time that was asked for has come.
    func run() {
        isScheduled = false
        guard walks.contains(where: { !$0.isWaiting }) else { return }
        let begin = core.readMonotonicNanoseconds()
        pauses.lookAtOthers(now: begin, busyNanoseconds: core.busyNanoseconds)
        let mayCopy = begin >= pauses.endForCopies
        let due = walks.filter { !$0.isWaiting && (mayCopy || $0.purpose != .copy) }
        guard begin >= pauses.end, !due.isEmpty else { return scheduleNext() }
        run(due, begin, mustSeeAll: false)
    }

    /// What the walk waits for is there. It goes on in the same turn: at its end pages may leave memory again.
    func arrived(_ walk: QueueWalk) {
        if arrivals.isEmpty { core.goOnInTurn { [unowned self] in self.runArrivals() } }
        arrivals.append(walk)
    }

    private func runArrivals() {
        let arrived = arrivals.filter { !$0.isFinished }
        arrivals = []
        guard !arrived.isEmpty else { return }
        let begin = core.readMonotonicNanoseconds()
        pauses.lookAtOthers(now: begin, busyNanoseconds: core.busyNanoseconds)
        run(arrived, begin, mustSeeAll: true)
    }

    /// - Parameter mustSeeAll: each of them gets to look at one message at the least. Else those for which nothing of the budget
    ///   is left keep their turns.
    private func run(_ some: [QueueWalk], _ begin: UInt64, mustSeeAll: Bool) {
        isInPiece = true
        let copiedBefore = Self.handled(.copy, some)
        let movedBefore = Self.handled(.move, some)
        var budget = WalkBudget(core: core, begin: begin, isAlone: pauses.isAlone)
        var count = 0
        for walk in some where budget.isLeft || mustSeeAll {
            count += 1
            if budget.isLeft {
                walk.run(&budget)
            } else {
                var least = WalkBudget(core: core, begin: 0)
                walk.run(&least)
            }
        }
        isInPiece = false
        // Who has had a turn comes last.
        let ran = some[..<count]
        walks.removeAll { walk in walk.isFinished || ran.contains { $0 === walk } }
        walks += ran.filter { !$0.isFinished }
        let piece = WalkPauses.Piece(
            begin: begin, end: core.readMonotonicNanoseconds(),
            copiedCount: Self.handled(.copy, some) - copiedBefore, movedCount: Self.handled(.move, some) - movedBefore)
        pauses.pieceEnded(piece, busyNanoseconds: core.busyNanoseconds)
        scheduleNext()
    }

    private static func handled(_ purpose: WalkPurpose, _ walks: [QueueWalk]) -> Int {
        walks.reduce(0) { $1.purpose == purpose ? $0 + $1.handledCount : $0 }
    }

    // MARK: Giving up

    /// The queue is gone.
    func queueDeleted(_ queue: Queue) {
        guard !walks.isEmpty else { return }
        for walk in walks where walk.queue === queue { walk.finish(.failure(.queueDeleted)) }
        walks.removeAll { $0.isFinished }
    }

    /// The broker is closing: nothing is looked at any more.
    func close() {
        let left = walks
        walks = []
        for walk in left { walk.finish(.failure(.brokerClosed)) }
    }
}
