/// How long walks leave the core to others, by what these use of it.
///
/// The more that is, the longer is the pause behind a piece: from a twentieth of the time on, which is little for the core but
/// may be all that others get out of the machine, since they wait for disks and networks too, all walks together get a
/// thirtieth. Pieces that move messages make work for others, which shows as theirs: behind those it is a tenth, and only
/// while others use more than half of the time. Pages have a pause of their own besides: to render what a piece has copied
/// takes much longer than the piece, if not here.
struct WalkPauses {
    /// What a piece came to.
    struct Piece {
        var begin: UInt64
        var end: UInt64
        var copiedCount: Int
        var movedCount: Int
    }

    /// In a long pause there is a look at others so often. What they use is seen over so long at the least: a single turn of
    /// theirs right behind a piece says nothing.
    static let lookNanoseconds: UInt64 = 5_000_000

    private static let factorMax = 30.0
    private static let busyFraction = 20.0
    private static let moveFactor: UInt64 = 9
    /// What a piece takes besides: waking up for it, the turn around it, the reading that it asks for.
    private static let pieceOverheadNanoseconds: UInt64 = 70_000
    /// A piece that has taken longer was stopped by the machine.
    private static let pieceNanosecondsMax: UInt64 = 2_000_000
    private static let renderNanoseconds: UInt64 = 30_000
    /// The end of a turn in which nothing has happened takes less.
    private static let turnEndNanoseconds: UInt64 = 30_000
    /// After so many pieces behind which others have wanted nothing, walks count as alone.
    private static let quietPiecesMin = 3

    private var last = Piece(begin: 0, end: 0, copiedCount: 0, movedCount: 0)
    /// The core's working time when the last piece was over.
    private var busyBefore: UInt64 = 0
    /// So many times as long as a piece the pause behind it is.
    private var factor = 0.0
    private var isMoveHeldUp = false
    private var quietPieces = 0
    /// When messages were copied last, and what it takes to render them.
    private var copyEnd: UInt64 = 0
    private var renderingNanoseconds: UInt64 = 0

    /// Others use so much of the core that pieces are kept apart.
    var isCoreBusy: Bool { factor >= 1 }

    /// Pieces may be longer: a turn costs as much as looking at some dozens of messages.
    var isAlone: Bool { quietPieces >= Self.quietPiecesMin }

    private var lastNanoseconds: UInt64 { min(last.end - last.begin, Self.pieceNanosecondsMax) }

    /// When the next piece may begin.
    var end: UInt64 {
        if last.movedCount > 0 { return last.end + (isMoveHeldUp ? lastNanoseconds * Self.moveFactor : 0) }
        return last.end + UInt64(Double(lastNanoseconds + Self.pieceOverheadNanoseconds) * factor)
    }

    /// When the next piece that copies messages may begin, if that is later.
    var endForCopies: UInt64 { max(end, copyEnd + UInt64(Double(renderingNanoseconds) * factor)) }

    /// - Parameter busyNanoseconds: the core's working time so far. The rest of the turn that the piece was in counts as others',
    ///   since it may be: but for what the end of a turn takes anyway.
    mutating func lookAtOthers(now: UInt64, busyNanoseconds: UInt64) {
        let piece = last.end - last.begin
        let worked = busyNanoseconds - busyBefore
        let others = worked - min(worked, piece)
        let passed = now - min(now, last.end)
        // What a piece has moved is written, recorded and handed out at the end of the turn: not more work than moving it.
        let turnEnd = last.movedCount > 0 ? max(Self.turnEndNanoseconds, piece) : Self.turnEndNanoseconds
        let isQuiet = others <= turnEnd
        quietPieces = isQuiet ? quietPieces + 1 : 0
        isMoveHeldUp = !isQuiet && others * 2 > passed
        let share = Double(others) / Double(max(passed, Self.lookNanoseconds))
        factor = isQuiet ? 0 : Self.factorMax * min(1, share * Self.busyFraction)
    }

    mutating func pieceEnded(_ piece: Piece, busyNanoseconds: UInt64) {
        last = piece
        busyBefore = busyNanoseconds
        guard piece.copiedCount > 0 else { return }
        copyEnd = piece.end
        renderingNanoseconds = UInt64(piece.copiedCount) * Self.renderNanoseconds
    }
}
