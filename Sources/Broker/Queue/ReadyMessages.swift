import DequeModule
import HeapModule

/// The messages of a queue that wait for a consumer, in the queue's order: one line for each priority, the highest
/// first. Within a line, new messages join at the back; requeued ones always come before what has not been handed out
/// yet, so a small heap beside the line holds them by sequence number.
struct ReadyMessages {
    private struct Returned: Comparable {
        let entry: QueueEntry
        static func < (left: Returned, right: Returned) -> Bool { left.entry.sequence < right.entry.sequence }
        static func == (left: Returned, right: Returned) -> Bool { left.entry.sequence == right.entry.sequence }
    }

    private struct Line {
        var waiting = Deque<QueueEntry>()
        var returned = Heap<Returned>()
        var isEmpty: Bool { waiting.isEmpty && returned.isEmpty }
    }

    private var lines: [Line]
    private(set) var count = 0

    init(maxPriority: UInt8) {
        lines = Array(repeating: Line(), count: Int(maxPriority) + 1)
    }

    var isEmpty: Bool { count == 0 }

    private func line(_ priority: UInt8) -> Int { min(Int(priority), lines.count - 1) }

    mutating func append(_ entry: QueueEntry, priority: UInt8) {
        lines[line(priority)].waiting.append(entry)
        count += 1
    }

    /// Puts an entry that was handed out back to its place.
    mutating func restore(_ entry: QueueEntry, priority: UInt8) {
        lines[line(priority)].returned.insert(Returned(entry: entry))
        count += 1
    }

    /// The next to be delivered.
    var first: QueueEntry? {
        guard count > 0 else { return nil }
        for line in lines.reversed() where !line.isEmpty {
            return line.returned.min?.entry ?? line.waiting.first
        }
        return nil
    }

    mutating func popFirst() -> QueueEntry? {
        guard count > 0 else { return nil }
        for index in lines.indices.reversed() where !lines[index].isEmpty {
            count -= 1
            return lines[index].returned.popMin()?.entry ?? lines[index].waiting.popFirst()
        }
        return nil
    }

    /// The next to be dropped when a queue is over its limit: the oldest of the lowest priority.
    mutating func popForDrop() -> QueueEntry? {
        guard count > 0 else { return nil }
        for index in lines.indices where !lines[index].isEmpty {
            count -= 1
            return lines[index].returned.popMin()?.entry ?? lines[index].waiting.popFirst()
        }
        return nil
    }

    /// Takes out the first message of each line whose time is over, as `isExpired` says.
    mutating func popExpired(_ isExpired: (QueueEntry) -> Bool) -> QueueEntry? {
        for index in lines.indices {
            if let entry = lines[index].returned.min?.entry, isExpired(entry) {
                count -= 1
                return lines[index].returned.popMin()?.entry
            }
            if let entry = lines[index].waiting.first, isExpired(entry) {
                count -= 1
                return lines[index].waiting.popFirst()
            }
        }
        return nil
    }

    /// The heads of all lines: where the next expiry is looked for.
    func forEachHead(_ body: (QueueEntry) -> Void) {
        for line in lines {
            if let entry = line.returned.min?.entry { body(entry) }
            if let entry = line.waiting.first { body(entry) }
        }
    }

    /// Takes out everything, in no particular order.
    mutating func removeAll(_ body: (QueueEntry) -> Void) {
        for line in lines {
            for returned in line.returned.unordered { body(returned.entry) }
            for entry in line.waiting { body(entry) }
        }
        lines = Array(repeating: Line(), count: lines.count)
        count = 0
    }
}
