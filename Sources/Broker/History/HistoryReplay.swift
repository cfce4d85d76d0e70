import SegmentLog

/// Hands the messages of a history on, oldest first, as it was when this was made. Those that are not in memory are waited
/// for: what is published meanwhile comes before them.
final class HistoryReplay: PageWaiter {
    private let history: Queue
    private let target: BindingTarget
    private var next = 0
    private let end: Int

    init(_ history: Queue, to target: BindingTarget) {
        self.history = history
        self.target = target
        // Without priorities there is one line.
        end = history.ready.lines[0].end
    }

    func pageArrived() { advance() }

    func advance() {
        while !history.isDeleted, isTargetThere, let number = history.ready.lines[0].nextReady(from: next), number < end
        {
            let place = QueueLines.Place(line: 0, number: number)
            guard let entry = history.entry(at: place) else { return history.bring(place, for: self) }
            switch history.messages.access(entry.handle) {
            case .away: return history.messages.fetch(entry.handle, for: self)
            case .lost: break
            case .here(let message): history.virtualHost.publishKept(message, to: target)
            }
            next = number + 1
        }
    }

    private var isTargetThere: Bool {
        switch target {
        case .queue(let queue): !queue.isDeleted
        case .exchange(let exchange): exchange.virtualHost.exchange(named: exchange.name) === exchange
        }
    }
}
