import SegmentLog

/// Which messages of a queue nobody takes, as they were when a walk began: sixteen bytes for each, a sorted array.
///
/// Read from the queue's paged list in pieces, and sorted on another thread if the list is not in the order of the queue;
/// meanwhile it takes twice as much.
struct UndeliverableSnapshot {
    struct Member: Comparable {
        let sequence: UInt64
        /// `Death.code`.
        let code: UInt64

        static func < (left: Member, right: Member) -> Bool { left.sequence < right.sequence }
    }

    private var members: [Member] = []
    private(set) var isSorted = true
    /// Where in the queue's list it goes on.
    private var number = 0
    private(set) var isComplete = false

    enum Step {
        case goOn
        /// That place of the list is not in memory.
        case away(number: Int)
        /// All members are here. They still have to be sorted unless `isSorted`.
        case done
    }

    /// Takes over one more member. A part of the list that is damaged is passed over: the queue's own retries deal with it.
    mutating func step(_ set: UndeliverableSet) -> Step {
        guard let found = set.list.nextReady(from: number) else {
            isComplete = true
            return .done
        }
        if let entry = set.list.entry(at: found) {
            let member = Member(sequence: entry.first, code: entry.second)
            if let last = members.last, last > member { isSorted = false }
            members.append(member)
        } else if !set.list.isLost(at: found) {
            return .away(number: found)
        }
        number = found + 1
        return .goOn
    }

    /// The members, to be sorted elsewhere.
    mutating func takeMembers() -> [Member] {
        defer { members = [] }
        return members
    }

    mutating func putSorted(_ members: [Member]) {
        self.members = members
        isSorted = true
    }

    /// Why the message was to leave, and when; nil if it is none of them.
    func death(of sequence: UInt64) -> Death? {
        var (low, high) = (0, members.count)
        while low < high {
            let middle = (low + high) / 2
            if members[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        guard low < members.count, members[low].sequence == sequence else { return nil }
        return Death(code: members[low].code)
    }
}
