/// Lets walks over queues go on, one after the other, in pieces of some hundred microseconds.
///
/// Alone they get all of the core's time, in pieces of a millisecond. While others want it, all of them together get a tenth: a piece is then followed by
/// a pause that is nine times as long. Whether others want it shows right behind each piece, when whatever has come up in the
/// meantime is done.
final class WalkScheduler {
    /// Walks that may be under way at the same time; more are refused.
    static let walksMax = 64
    /// While others want the core, a pause is so many times as long as the piece before it.
    private static let pauseFactor: UInt64 = 9
    /// The end of a turn in which nothing has happened takes less.
    private static let turnEndNanoseconds: UInt64 = 30_000

    private unowned let core: BrokerCore
    /// Under way, in the order of their turns.
    private var walks: [QueueWalk] = []
    /// Those whose pages have come in this turn.
    private var arrivals: [QueueWalk] = []
    private var isScheduled = false
    private var isInPiece = false
    /// Others have used most of the time since the last piece.
    private(set) var isCoreBusy = false
    /// Behind so many pieces others have wanted nothing.
    private var quietPieces = 0
    /// From then on pieces are longer.
    private static let quietPiecesMin = 3
    private var lastEnd: UInt64 = 0
    private var lastNanoseconds: UInt64 = 0
    /// What the end of that piece's turn may take without its being others' work.
    private var lastTurnEndNanoseconds = turnEndNanoseconds
    /// The core's working time when the last piece was over.
    private var busyBefore: UInt64 = 0

    init(core: BrokerCore) { self.core = core }

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

    // MARK: Turns

    /// The time that was asked for has come.
    func run() {
        isScheduled = false
        guard let first = walks.first(where: { !$0.isWaiting }) else { return }
        let begin = core.readMonotonicNanoseconds()
        lookAtOthers(begin)
        let earliest = lastEnd + lastNanoseconds * Self.pauseFactor
        guard !isCoreBusy || begin >= earliest else { return schedule(atNanoseconds: earliest) }
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
        // What a piece has moved is written, recorded and handed out at the end of the turn: not more work than moving it.
        lastTurnEndNanoseconds = Self.turnEndNanoseconds
        if some.contains(where: \.movesMessages) {
            lastTurnEndNanoseconds = max(lastTurnEndNanoseconds, lastNanoseconds)
        }
        busyBefore = core.busyNanoseconds
        if walks.contains(where: { !$0.isWaiting }) { schedule(atNanoseconds: core.nowNanoseconds + 1) }
    }

    /// Whether others have used more than half of the time since the last piece. The rest of the turn that the piece was in
    /// counts as theirs, since it may be: but for what the end of a turn takes anyway.
    private func lookAtOthers(_ now: UInt64) {
        let worked = core.busyNanoseconds - busyBefore
        let others = worked - min(worked, lastNanoseconds)
        let isQuiet = others <= lastTurnEndNanoseconds
        quietPieces = isQuiet ? quietPieces + 1 : 0
        isCoreBusy = !isQuiet && others * 2 > now - min(now, lastEnd)
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
