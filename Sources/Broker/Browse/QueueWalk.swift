import SegmentLog

/// Goes over the messages of a queue, whatever their state, and shows them to a visitor: the highest priority first, in each
/// by number. Nothing changes for the messages: neither their order nor their counts nor what consumers get; only the page
/// cache sees them used.
///
/// It takes no memory but for `UndeliverableSnapshot`, if messages that are out are asked for, and what its visitor keeps.
/// What comes into the queue while it is under way is met if it stands behind the place reached.
final class QueueWalk: PageWaiter {
    /// Places of an index that are looked through at once for one in the right state: 64 pages.
    private static let placesPerLook = 64 << 8
    /// Pages of the log that are read ahead of the walk, at the most.
    private static let pagesAheadMax = 4
    /// Entries that are looked at for that.
    private static let entriesAheadMax = 512

    /// The message that is being fetched.
    private struct HeldEntry {
        let entry: QueueEntry
        let pagesMoved: Int
    }

    let queue: Queue
    private unowned let core: BrokerCore
    private let visitor: any WalkVisitor
    private let states: MessageStates
    private let entryState: PagedIndex.EntryState
    private let scannedMax: Int
    private let direction: WalkDirection
    private var place: QueueLines.Place
    private var scanned = 0
    private var snapshot: UndeliverableSnapshot?
    private var held: HeldEntry?
    /// A page, or the sorting, has been asked for.
    private(set) var isWaiting = false
    private var completion: ((Result<WalkEnd, WalkError>) -> Void)?

    /// - Parameters:
    ///   - start: where to begin; nil for the front of the queue.
    ///   - direction: of the way through each line; of the lines, the highest priority always comes first.
    ///   - scannedMax: the walk ends when the visitor has seen so many.
    ///   - tellsUndeliverable: whether these are told from unacked ones, if one of the two is asked for.
    init(
        _ queue: Queue, _ states: MessageStates, from start: QueueLines.Place?, scannedMax: Int,
        tellsUndeliverable: Bool = true, direction: WalkDirection = .forward,
        visitor: any WalkVisitor, then completion: @escaping (Result<WalkEnd, WalkError>) -> Void
    ) {
        self.queue = queue
        core = queue.core
        self.visitor = visitor
        self.states = states
        self.scannedMax = scannedMax
        self.direction = direction
        entryState = states == .ready ? .ready : states.contains(.ready) ? .live : .out
        place = start ?? direction.begin(ofLine: queue.ready.lines.count - 1, of: queue)
        if tellsUndeliverable, !states.isDisjoint(with: [.unacked, .undeliverable]), queue.undeliverableCount > 0 {
            snapshot = UndeliverableSnapshot()
        }
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }
    var purpose: WalkPurpose { visitor.purpose }
    var handledCount: Int { visitor.handledCount }

    /// Ends the walk; what comes later is ignored.
    func finish(_ result: Result<WalkEnd, WalkError>) {
        guard let completion else { return }
        self.completion = nil
        completion(result)
    }

    private func finish(next: QueueLines.Place?) {
        // Behind a line's first message on the way back there is the next line.
        if let place = next, place.number < 0 {
            return finish(next: place.line > 0 ? direction.begin(ofLine: place.line - 1, of: queue) : nil)
        }
        finish(.success(WalkEnd(next: next.map { MessageID(rawValue: $0.sequence) }, scanned: scanned)))
    }

    private func following(_ place: QueueLines.Place) -> QueueLines.Place {
        QueueLines.Place(line: place.line, number: direction == .forward ? place.number + 1 : place.number - 1)
    }

    func pageArrived() {
        isWaiting = false
        if !isFinished { core.walks.arrived(self) }
    }

    // MARK: Going on

    /// Goes on until the budget is used up, something has to be read, or the walk is finished.
    func run(_ budget: inout WalkBudget) {
        defer { visitor.pieceEnded() }
        guard !queue.isDeleted else { return finish(.failure(.queueDeleted)) }
        guard takeSnapshot(&budget) else { return }
        while budget.isLeft, !isFinished, !isWaiting {
            guard let number = nextNumber(&budget) else { continue }
            let here = QueueLines.Place(line: place.line, number: number)
            let (state, death) = state(of: here)
            guard states.contains(MessageStates(state)) else {
                place = following(here)
                budget.spend()
                continue
            }
            guard let entry = entry(at: here) else {
                guard mayFetch(budget) else { return }
                return queue.bring(here, for: self)
            }
            switch core.messages.access(entry.handle) {
            case .here(let view):
                show(
                    WalkedMessage(entry: entry, state: state, view: view, queue: queue, undeliverableDeath: death),
                    at: here)
                budget.spend()
            case .lost:
                // The queue drops it when its turn comes, and the log has reported it.
                place = following(here)
                budget.spend()
            case .away:
                guard mayFetch(budget) else { return }
                held = HeldEntry(entry: entry, pagesMoved: core.log.statistics.pagesMoved)
                core.messages.fetch(entry.handle, for: self)
                return readAhead(of: here)
            }
        }
    }

    /// What the index says of the message, or said when the message itself was asked for: in a small cache the two pages might
    /// drive each other out for ever. It still holds unless messages have been moved in the log since.
    private func entry(at here: QueueLines.Place) -> QueueEntry? {
        if let entry = queue.entry(at: here) { return entry }
        guard let held, held.entry.place == here, held.pagesMoved == core.log.statistics.pagesMoved else { return nil }
        return held.entry
    }

    /// While others want the core, reading is begun when the walk's next piece is due, so that what is read is looked at
    /// when it comes: later it may be gone again.
    private func mayFetch(_ budget: WalkBudget) -> Bool {
        guard !budget.hasSpent || !core.walks.isCoreBusy else { return false }
        // It may be called at once.
        isWaiting = true
        return true
    }

    private func show(_ message: WalkedMessage, at here: QueueLines.Place) {
        switch visitor.visit(message) {
        case .stopBefore: return finish(next: here)
        case .stopBehind:
            scanned += 1
            // Whether anything is left: a cursor that leads to nothing would cost another request.
            return finish(next: isAnythingLeft(behind: here) ? following(here) : nil)
        case .done:
            scanned += 1
            return finish(next: nil)
        case .goOnAt(let next):
            scanned += 1
            place = next
        case .skipLine:
            scanned += 1
            beginNextLine()
        case .goOn:
            scanned += 1
            place = following(here)
        }
        if scanned >= scannedMax, !isFinished { finish(next: place) }
    }

    /// As far as a look at a few thousand places tells.
    private func isAnythingLeft(behind here: QueueLines.Place) -> Bool {
        guard direction == .forward else { return true }
        let index = queue.ready.lines[here.line]
        let end = here.number + 1 + Self.placesPerLook
        if end < index.end || index.next(entryState, from: here.number + 1, before: end) != nil { return true }
        return queue.ready.lines[..<here.line].contains { $0.liveCount > 0 }
    }

    /// The next place of the current line that may be of interest; nil if the search has come to the end of the line or has
    /// to go on in another step.
    private func nextNumber(_ budget: inout WalkBudget) -> Int? {
        let index = queue.ready.lines[place.line]
        if direction == .backward { return lastNumber(index, &budget) }
        let start = max(place.number, index.firstNumber)
        let end = start + Self.placesPerLook
        if let number = index.next(entryState, from: start, before: end) { return number }
        budget.spend()
        if end < index.end {
            place = QueueLines.Place(line: place.line, number: end)
        } else {
            beginNextLine()
        }
        return nil
    }

    private func lastNumber(_ index: PagedIndex, _ budget: inout WalkBudget) -> Int? {
        let start = max(place.number - Self.placesPerLook, index.firstNumber)
        if let number = index.last(entryState, from: start, through: place.number) { return number }
        budget.spend()
        if start > index.firstNumber {
            place = QueueLines.Place(line: place.line, number: start - 1)
        } else {
            beginNextLine()
        }
        return nil
    }

    private func beginNextLine() {
        guard place.line > 0 else { return finish(next: nil) }
        place = direction.begin(ofLine: place.line - 1, of: queue)
    }

    // MARK: States

    private func state(of place: QueueLines.Place) -> (MessageState, Death?) {
        guard queue.ready.lines[place.line].isOut(at: place.number) else { return (.ready, nil) }
        if let count = queue.returnCounts[place.sequence], count.isDelayed { return (.delayed, nil) }
        if let death = snapshot?.death(of: place.sequence) { return (.undeliverable, death) }
        return (.unacked, nil)
    }

    /// - Returns: false if the walk has to wait before it can tell what is undeliverable.
    private func takeSnapshot(_ budget: inout WalkBudget) -> Bool {
        while snapshot != nil, snapshot?.isComplete == false {
            guard budget.isLeft else { return false }
            guard let set = queue.undeliverable, let step = snapshot?.step(set) else {
                // A purge has emptied it.
                snapshot = nil
                return true
            }
            switch step {
            case .goOn: budget.spend()
            case .away(let number):
                guard mayFetch(budget) else { return false }
                set.fetch(number, for: self)
                return false
            case .done: sortSnapshot()
            }
        }
        return !isWaiting
    }

    private func sortSnapshot() {
        guard snapshot?.isSorted == false, let members = snapshot?.takeMembers() else { return }
        isWaiting = true
        core.cache.jobs.compute {
            members.sorted()
        } then: { [weak self] sorted in
            self?.snapshot?.putSorted(sorted)
            self?.pageArrived()
        }
    }

    // MARK: Reading ahead

    /// Has the pages of the log read that follow the one that is being fetched, as far as the index tells which those are.
    private func readAhead(of here: QueueLines.Place) {
        guard direction == .forward else { return }
        let index = queue.ready.lines[here.line]
        // A small cache has no room for more than the page that is wanted.
        var left = min(Self.pagesAheadMax, core.cache.byteCountMax >> 22)
        if left > 0 { index.prefetch(behind: here.number) }
        var lastPage = -1
        var next = here.number
        for _ in 0..<Self.entriesAheadMax where left > 0 {
            guard let number = index.next(entryState, from: next, before: .max), let found = index.entry(at: number)
            else { return }
            next = number + 1
            let handle = MessageHandle(rawValue: found.first)
            guard !handle.isTransient else { continue }
            let page = core.log.pageNumber(of: handle.position)
            guard page != lastPage else { continue }
            lastPage = page
            if core.log.prefetch(handle.position) { left -= 1 }
        }
    }
}
