import SegmentLog
import Testing

/// An index, and a naive one beside it that must agree.
struct IndexModel {
    struct Item: Equatable {
        var entry: IndexEntry
        var isOut = false
        var isDurable: Bool
    }

    let index: PagedIndex
    let salt: Int
    var items: [Int: Item] = [:]
    var end = 0
    /// Entries that were removed with their pages away: the store is to release each of them once.
    var unreleased: [IndexEntry] = []

    init(_ index: PagedIndex, salt: Int) {
        self.index = index
        self.salt = salt
    }

    var live: [Int] { items.keys.sorted() }
    var ready: [Int] { live.filter { items[$0]?.isOut == false } }
    var out: [Int] { live.filter { items[$0]?.isOut == true } }

    mutating func append(isDurable: Bool) {
        let entry = IndexEntry.test(end, salt)
        let number = index.append(entry, isDurable: isDurable)
        #expect(number == end)
        items[number] = Item(entry: entry, isDurable: isDurable)
        end += 1
    }

    mutating func take(_ number: Int) {
        index.take(at: number)
        items[number]?.isOut = true
    }

    mutating func putBack(_ number: Int) {
        index.putBack(at: number)
        items[number]?.isOut = false
    }

    mutating func settle(_ number: Int) {
        index.settle(at: number)
        items[number] = nil
    }

    mutating func replace(_ number: Int, round: Int) {
        guard index.canReplace(at: number) else { return }
        let entry = IndexEntry.test(number, salt + round << 8)
        index.replace(at: number, with: entry)
        items[number]?.entry = entry
    }

    mutating func remove(includingOut: Bool, _ comment: Comment) {
        let gone = includingOut ? live : ready
        var left = gone.compactMap { items[$0]?.entry }
        func handOver(_ entry: IndexEntry) {
            guard let place = left.firstIndex(of: entry) else {
                Issue.record("\(entry) was not there, or came twice. \(comment)")
                return
            }
            left.remove(at: place)
        }
        if includingOut { index.removeAll(handOver) } else { index.removeReady(handOver) }
        for number in gone { items[number] = nil }
        unreleased += left
    }

    /// What can be known without any page in memory.
    func checkBits(_ comment: Comment) {
        #expect(index.end == end, comment)
        #expect(index.liveCount == items.count && index.readyCount == ready.count, comment)
        #expect(index.firstReady() == ready.first, comment)
        let first = live.first ?? end
        for number in max(0, first - 3)..<end + 3 {
            #expect(index.isLive(at: number) == (items[number] != nil), comment)
            #expect(index.isOut(at: number) == (items[number]?.isOut ?? false), comment)
        }
        for isReadyOnly in [false, true] {
            var numbers: [Int] = []
            var ranges: [Range<Int>] = []
            index.forEachDurableRange(readyOnly: isReadyOnly) {
                numbers += $0
                ranges.append($0)
            }
            #expect(ranges.allSatisfy { !$0.isEmpty }, comment)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, comment)
            let expected = live.filter { items[$0]?.isDurable == true && !(isReadyOnly && items[$0]?.isOut == true) }
            #expect(numbers == expected, comment)
        }
    }

    func checkNextReady(from start: Int, _ comment: Comment) {
        #expect(index.nextReady(from: start) == ready.first { $0 >= start }, comment)
    }

    /// Reads every entry, from wherever it is.
    func checkEntries(_ fixture: IndexFixture, _ comment: Comment) {
        for number in live {
            check(number, fixture, comment)
            fixture.cache.trim(tail: .zero)
        }
    }

    func check(_ number: Int, _ fixture: IndexFixture, _ comment: Comment) {
        if index.entry(at: number) == nil {
            #expect(!index.isLost(at: number), comment)
            let waiter = TestWaiter()
            index.fetch(number, for: waiter)
            while waiter.arrivals == 0, fixture.cache.jobs.pendingCount > 0 { fixture.cache.jobs.poll() }
            #expect(waiter.arrivals == 1, comment)
        }
        #expect(index.entry(at: number) == items[number]?.entry, comment)
    }
}
