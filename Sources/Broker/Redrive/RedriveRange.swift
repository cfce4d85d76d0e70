/// The part of a queue that is moved: what was there when the plan was made.
struct RedriveRange {
    /// For each line, the number of the first message that is not in it.
    let highWaterMarks: [Int]
    let direction: WalkDirection

    init(highWaterMarks: [Int], order: RedriveOptions.Order) {
        self.highWaterMarks = highWaterMarks
        direction = order == .newest ? .backward : .forward
    }

    /// Where a walk begins.
    var begin: QueueLines.Place {
        let line = highWaterMarks.count - 1
        return QueueLines.Place(line: line, number: direction == .forward ? 0 : highWaterMarks[line] - 1)
    }

    /// Where the walk goes on if the message is not in the range.
    func stepIfOutside(_ message: WalkedMessage) -> WalkStep? {
        let place = message.entry.place
        guard place.line < highWaterMarks.count else { return .skipLine }
        let end = highWaterMarks[place.line]
        guard place.number >= end else { return nil }
        return direction == .forward ? .skipLine : .goOnAt(QueueLines.Place(line: place.line, number: end - 1))
    }
}
