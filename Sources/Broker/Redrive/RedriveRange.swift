/// The part of a queue that is moved: what was there when the plan was made.
struct RedriveRange {
    /// For each line, the number of the first message that is not in it.
    let highWaterMarks: [Int]
    let direction: WalkDirection
    /// The last message that is in it; nil for all up to the marks.
    let last: QueueLines.Place?

    init(highWaterMarks: [Int], order: RedriveOptions.Order, last: MessageID? = nil) {
        self.highWaterMarks = highWaterMarks
        self.last = last?.place
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
        if let last, isBehind(place, last) { return .done }
        let end = highWaterMarks[place.line]
        guard place.number >= end else { return nil }
        return direction == .forward ? .skipLine : .goOnAt(QueueLines.Place(line: place.line, number: end - 1))
    }

    private func isBehind(_ place: QueueLines.Place, _ other: QueueLines.Place) -> Bool {
        guard place.line == other.line else { return place.line < other.line }
        return direction == .forward ? place.number > other.number : place.number < other.number
    }
}
