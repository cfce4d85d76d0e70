import SegmentLog

/// Which way a walk goes through each line of a queue.
enum WalkDirection: Sendable {
    /// The oldest first.
    case forward
    /// The newest first.
    case backward

    /// The first place of a line that a walk comes to.
    func begin(ofLine line: Int, of queue: Queue) -> QueueLines.Place {
        QueueLines.Place(line: line, number: self == .forward ? 0 : queue.ready.lines[line].end - 1)
    }

    /// Whether a walk comes by the one place before it comes to the other.
    func comes(_ place: QueueLines.Place, before other: QueueLines.Place) -> Bool {
        guard place.line == other.line else { return place.line > other.line }
        return self == .forward ? place.number < other.number : place.number > other.number
    }
}
