/// Lets the messages of a walk through that a filter matches, and counts. Where the filter names ids, the walk goes from one
/// to the next.
struct FilterGate {
    private let filter: MessageFilter
    private unowned let core: BrokerCore
    private let direction: WalkDirection
    /// Of the ids that the filter names, those that may still come, in the walk's order; nil if any message may match.
    private var places: ArraySlice<QueueLines.Place>?
    private(set) var matched = 0
    private(set) var undecided = 0
    /// Where the walk begins; nil for the front of the queue.
    let begin: QueueLines.Place?

    init(
        _ filter: MessageFilter, of queue: Queue, from start: QueueLines.Place?, direction: WalkDirection = .forward
    ) {
        self.filter = filter
        self.direction = direction
        core = queue.core
        let ahead = filter.places?.filter { place in
            place.line < queue.ready.lines.count && start.map { !direction.comes(place, before: $0) } ?? true
        }
        let sorted = ahead?.sorted { direction.comes($0, before: $1) }
        places = sorted?[...]
        begin = sorted?.first ?? start
    }

    /// There is no message that could match.
    var isClosed: Bool { places?.isEmpty ?? false }

    mutating func admits(_ message: WalkedMessage) -> Bool {
        switch filter.verdict(on: message, nowMilliseconds: core.nowMilliseconds) {
        case .yes:
            matched += 1
            return true
        case .no: return false
        case .undecided:
            undecided += 1
            return false
        }
    }

    /// Where the walk goes on behind the message.
    mutating func step(behind message: WalkedMessage) -> WalkStep {
        guard var left = places else { return .goOn }
        let here = message.entry.place
        while let next = left.first, !direction.comes(here, before: next) { left.removeFirst() }
        places = left
        return left.first.map { .goOnAt($0) } ?? .done
    }
}
