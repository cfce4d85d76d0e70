/// Lets walks over queues go on, one after the other, in pieces of some hundred microseconds.
///
/// Alone they get all of the core's time, in pieces of a millisecond. The more of it others use, the longer is the pause behind
/// a piece: from a twentieth on, which is little for the core but may be all that others get out of the machine, since they
/// wait for disks and networks too, all walks together get a thirtieth. Those that move messages make work for others, which
/// is theirs as well: they get a tenth, and only if others use more than half of the time. What others use shows right behind
/// each piece, when whatever has come up in the meantime is done.
final class WalkScheduler {
    /// Walks that may be under way at the same time; more are refused.
    static let walksMax = 64
    /// While others use a twentieth of the core or more, a pause is so many times as long as the piece before it; while
    /// they use less, it is shorter in proportion.
    private static let pauseFactorMax = 30.0
    private static let busyFraction = 20.0
    /// The same behind a piece that has moved messages, while others use more than half of the core.
    private static let movePauseFactor = 9.0
    /// What a piece takes besides: waking up for it, the turn around it, the reading that it asks for.
    private static let pieceOverheadNanoseconds: UInt64 = 50_000
    /// The same for each message that it has copied: others render it as JSON, and send it.
    private static let copyOverheadNanoseconds: UInt64 = 15_000
    /// In a long pause there is a look at others so often.
    private static let lookNanoseconds: UInt64 = 5_000_000
    /// The end of a turn in which nothing has happened takes less.
    private static let turnEndNanoseconds: UInt64 = 30_000

    private unowned let core: BrokerCore
    /// Under way, in the order of their turns.
    private var walks: [QueueWalk] = []
    /// Those whose pages have come in this turn.
    private var arrivals: [QueueWalk] = []
    private var isScheduled = false
    private var isInPiece = false
    /// So many times as long as a piece the core is left to others behind it.
    private var pauseFactor = 0.0
    /// Behind so many pieces others have wanted nothing.
    private var quietPieces = 0
    /// From then on pieces are longer.
    private static let quietPiecesMin = 3
    private var lastEnd: UInt64 = 0
    private var lastNanoseconds: UInt64 = 0
    private var lastCopiedCount = 0
    private var lastHasMoved = false
    /// What the end of that piece's turn may take without its being others' work.
    private var lastTurnEndNanoseconds = turnEndNanoseconds
    /// The core's working time when the last piece was over.
    private var busyBefore: UInt64 = 0

    init(core: BrokerCore) { self.core = core }

    /// Others use so much of the core that pieces are kept apart.
    var isCoreBusy: Bool { pauseFactor >= 1 }

    private var pauseNanoseconds: UInt64 {
        let overhead = Self.pieceOverheadNanoseconds + UInt64(lastCopiedCount) * Self.copyOverheadNanoseconds
        return UInt64(Double(lastNanoseconds + overhead) * pauseFactor)
    }

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
        let end = max(lastEnd + pauseNanoseconds, core.nowNanoseconds + 1)
        schedule(atNanoseconds: min(end, core.nowNanoseconds + Self.lookNanoseconds))
    }

    // MARK: Turns

    /// The time that was asked for has come.
    func run() {
        isScheduled = false
        guard let first = walks.first(where: { !$0.isWaiting }) else { return }
        let begin = core.readMonotonicNanoseconds()
        lookAtOthers(begin)
        guard begin >= lastEnd + pauseNanoseconds else { return scheduleNext() }
        run([first], begin)
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
        lookAtOthers(begin)
        run(arrived, begin)
    }

    /// Each of them gets to look at one message at the least.
    private func run(_ some: [QueueWalk], _ begin: UInt64) {
        isInPiece = true
        let copiedBefore = some.reduce(0) { $0 + $1.copiedCount }
        var budget = WalkBudget(core: core, begin: begin, isAlone: quietPieces >= Self.quietPiecesMin)
        for walk in some {
            if budget.isLeft {
                walk.run(&budget)
            } else {
                var least = WalkBudget(core: core, begin: 0)
                walk.run(&least)
            }
        }
        isInPiece = false
        // Who has had a turn comes last.
        walks.removeAll { walk in walk.isFinished || some.contains { $0 === walk } }
        walks += some.filter { !$0.isFinished }
        lastEnd = core.readMonotonicNanoseconds()
        lastNanoseconds = lastEnd - begin
        lastCopiedCount = some.reduce(0) { $0 + $1.copiedCount } - copiedBefore
        // What a piece has moved is written, recorded and handed out at the end of the turn: not more work than moving it.
        lastTurnEndNanoseconds = Self.turnEndNanoseconds
        lastHasMoved = some.contains(where: \.movesMessages)
        if lastHasMoved {
            lastTurnEndNanoseconds = max(lastTurnEndNanoseconds, lastNanoseconds)
        }
        busyBefore = core.busyNanoseconds
        guard walks.contains(where: { !$0.isWaiting }) else { return }
        scheduleNext()
    }

    /// What others have used since the last piece, and what follows from it. The rest of the turn that the piece was in counts
    /// as theirs, since it may be: but for what the end of a turn takes anyway.
    private func lookAtOthers(_ now: UInt64) {
        let worked = core.busyNanoseconds - busyBefore
        let others = worked - min(worked, lastNanoseconds)
        let passed = max(now - min(now, lastEnd), 1)
        let isQuiet = others <= lastTurnEndNanoseconds
        quietPieces = isQuiet ? quietPieces + 1 : 0
        if isQuiet {
            pauseFactor = 0
        } else if lastHasMoved {
            pauseFactor = others * 2 > passed ? Self.movePauseFactor : 0
        } else {
            pauseFactor = Self.pauseFactorMax * min(1, Double(others) * Self.busyFraction / Double(passed))
        }
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
