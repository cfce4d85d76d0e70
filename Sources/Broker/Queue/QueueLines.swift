import SegmentLog

/// The messages of a queue in their order: a line for each priority, the highest first. A message that was handed out
/// and comes back stands where it stood before.
///
/// Each line is an index that pages out, so that a queue costs next to no memory however long it is. What is not in
/// memory is asked for; nothing here waits for it.
///
/// A class whose lines never change: reaching one counts no reference.
final class QueueLines {
    /// Where a message stands: its line and its number there.
    struct Place: Equatable {
        let line: Int
        let number: Int

        /// A message's sequence number says both; unique in the queue's life.
        private static let lineShift: UInt64 = 48

        init(line: Int, number: Int) {
            self.line = line
            self.number = number
        }

        init(sequence: UInt64) {
            line = Int(sequence >> Self.lineShift)
            number = Int(sequence & (1 << Self.lineShift - 1))
        }

        var sequence: UInt64 { UInt64(line) << Self.lineShift | UInt64(number) }
    }

    let lines: [PagedIndex]
    /// The line of a queue without priorities, which is the only one.
    private let first: PagedIndex
    private let isOnlyLine: Bool
    /// How many messages are ready.
    @exclusivity(unchecked) private(set) var count = 0

    /// - Parameter restored: as a start found them; lines that it found nothing for are empty.
    init(maxPriority: UInt8, store: IndexStore, restored: [Int: PagedIndex] = [:]) {
        lines = (0...Int(maxPriority)).map { restored[$0] ?? PagedIndex(store: store) }
        first = lines[0]
        isOnlyLine = lines.count == 1
        count = lines.reduce(0) { $0 + $1.readyCount }
    }

    var isEmpty: Bool { count == 0 }
    var liveCount: Int { lines.reduce(0) { $0 + $1.liveCount } }

    @inline(__always)
    private func line(_ priority: UInt8) -> Int { isOnlyLine ? 0 : min(Int(priority), lines.count - 1) }

    /// Calls `body` with a line.
    @inline(__always)
    private func with<Result>(_ line: Int, _ body: (PagedIndex) -> Result) -> Result {
        isOnlyLine && line == 0 ? body(first) : body(lines[line])
    }

    // MARK: In

    /// The sequence number that the next message of this priority gets.
    @inline(__always)
    func nextSequence(priority: UInt8) -> UInt64 {
        let line = line(priority)
        return Place(line: line, number: with(line) { $0.nextNumber() }).sequence
    }

    @inline(__always)
    func append(_ entry: IndexEntry, priority: UInt8, isDurable: Bool) {
        _ = with(line(priority)) { $0.append(entry, isDurable: isDurable) }
        count += 1
    }

    /// Puts a message that was handed out back to its place.
    func putBack(_ sequence: UInt64) {
        let place = Place(sequence: sequence)
        lines[place.line].putBack(at: place.number)
        count += 1
    }

    // MARK: Looking

    /// The next to be delivered.
    @inline(__always)
    func next() -> Place? {
        guard count > 0 else { return nil }
        if isOnlyLine { return first.firstReady().map { Place(line: 0, number: $0) } }
        return nextOfHighest()
    }

    @inline(never)
    private func nextOfHighest() -> Place? {
        var line = lines.count - 1
        while line >= 0 {
            if let number = lines[line].firstReady() { return Place(line: line, number: number) }
            line -= 1
        }
        return nil
    }

    /// The next to be dropped when a queue is over its limit: the oldest of the lowest priority.
    func firstToDrop() -> Place? {
        guard count > 0 else { return nil }
        for line in lines.indices {
            if let number = lines[line].firstReady() { return Place(line: line, number: number) }
        }
        return nil
    }

    /// The first of each line: where expiry is looked for.
    func heads() -> [Place] {
        lines.indices.compactMap { line in
            lines[line].firstReady().map { Place(line: line, number: $0) }
        }
    }

    /// What the index holds of a message, nil if that is not in memory or lost.
    @inline(__always)
    func entry(at place: Place) -> IndexEntry? { with(place.line) { $0.entry(at: place.number) } }

    /// The same, waiting for the disk: at the start only.
    func load(_ place: Place) -> IndexEntry? {
        lines[place.line].load(place.number)
        return entry(at: place)
    }

    func isLost(_ place: Place) -> Bool { lines[place.line].isLost(at: place.number) }

    func isLive(_ place: Place) -> Bool {
        place.line < lines.count && lines[place.line].isLive(at: place.number)
    }

    /// The message will be looked at soon (`PagedIndex.lookAhead`).
    @inline(__always)
    func lookAhead(_ place: Place) {
        if place.line < lines.count { with(place.line) { $0.lookAhead(at: place.number) } }
    }

    @inline(__always)
    func lookAheadToPage(of place: Place) {
        if place.line < lines.count { with(place.line) { $0.lookAheadToPage(of: place.number) } }
    }

    func fetch(_ place: Place, for waiter: any PageWaiter) { lines[place.line].fetch(place.number, for: waiter) }

    // MARK: Rows

    /// What comes next, as far as it stands in a row and in memory: of a queue without priorities only.
    @inline(__always)
    func nextRow() -> IndexRow? { isOnlyLine ? first.firstRow() : nil }

    /// Hands out so many of a row of `nextRow`.
    func take(_ row: IndexRow, count taken: Int) {
        first.takeRow(first: row.first, count: taken)
        count -= taken
    }

    /// The same, and at once they are gone for good.
    func settle(_ row: IndexRow, count settled: Int) {
        first.settleRow(first: row.first, count: settled)
        count -= settled
    }

    // MARK: Out

    /// Hands a ready message out.
    @inline(__always)
    func take(_ place: Place) {
        with(place.line) { $0.take(at: place.number) }
        count -= 1
    }

    /// A message, ready or handed out, is gone for good.
    @inline(__always)
    func settle(_ place: Place) {
        if with(place.line, { $0.settle(at: place.number) }) { count -= 1 }
    }

    /// Drops everything that is ready; `body` gets what is in memory, the index's store hands out the rest in time.
    func removeReady(_ body: (IndexEntry) -> Void) {
        for line in lines { line.removeReady(body) }
        count = 0
    }

    /// Drops everything, what is handed out as well.
    func removeAll(_ body: (IndexEntry) -> Void) {
        for line in lines { line.removeAll(body) }
        count = 0
    }

    /// The sequence numbers of what is ready and durable.
    func forEachReadyRange(_ body: (Range<UInt64>) -> Void) {
        for (line, index) in lines.enumerated() {
            index.forEachDurableRange(readyOnly: true) { range in
                let first = Place(line: line, number: range.lowerBound).sequence
                body(first..<first + UInt64(range.count))
            }
        }
    }
}
