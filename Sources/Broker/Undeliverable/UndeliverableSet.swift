import SegmentLog

/// Dead letters of a queue that nobody takes: there is no such exchange, nothing is bound to it that wants them, or a queue
/// behind it is full. They stay with their queue, in nobody's hands, and are tried again.
///
/// A paged list in the order in which they came: sixteen bytes each, of which memory holds what the page cache has room for.
final class UndeliverableSet {
    struct Member {
        /// Its place in the list.
        let number: Int
        let sequence: UInt64
        let death: Death
    }

    enum Found {
        case member(Member)
        /// `fetch` brings it.
        case away(number: Int)
        case none
    }

    let list: PagedIndex

    init(store: IndexStore) { list = PagedIndex(store: store) }

    /// As a checkpoint has it.
    init(restored list: PagedIndex) { self.list = list }

    var count: Int { list.liveCount }

    func add(_ sequence: UInt64, _ death: Death, isDurable: Bool) {
        list.append(IndexEntry(first: sequence, second: death.code), isDurable: isDurable)
    }

    /// The first member at or behind that place.
    func next(from number: Int) -> Found {
        var start = number
        while let number = list.nextReady(from: start) {
            guard let entry = list.entry(at: number) else {
                guard list.isLost(at: number) else { return .away(number: number) }
                list.settle(at: number)
                start = number + 1
                continue
            }
            guard let death = Death(code: entry.second) else {
                list.settle(at: number)
                start = number + 1
                continue
            }
            return .member(Member(number: number, sequence: entry.first, death: death))
        }
        return .none
    }

    func fetch(_ number: Int, for waiter: any PageWaiter) { list.fetch(number, for: waiter) }

    func remove(_ member: Member) { list.settle(at: member.number) }

    /// All members, waiting for the disk.
    func forEach(_ body: (Member) -> Void) {
        var number = 0
        while true {
            switch next(from: number) {
            case .none: return
            case .away(let missing): list.load(missing)
            case .member(let member):
                number = member.number + 1
                body(member)
            }
        }
    }
}
