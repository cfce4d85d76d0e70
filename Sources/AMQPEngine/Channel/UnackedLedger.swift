import Broker
import DequeModule

/// What a channel was given and has not settled, by delivery tag. Tags grow by one, so a tag's place is found by
/// arithmetic, or by bisection once gaps have been closed. Settling costs O(1) amortised, also out of order.
struct UnackedLedger {
    struct Delivery {
        let tag: UInt64
        /// When the client's time to settle it is over.
        let deadlineNanoseconds: UInt64
        let entry: QueueEntry
        let queue: Queue
        /// `nil` for a message taken by basic.get, or of a consumer that has been cancelled.
        let consumer: Consumer?
    }

    private struct Place {
        let tag: UInt64
        /// `nil` once settled.
        var delivery: Delivery?
    }

    /// Gaps are closed when there are more of them than deliveries, and more than this.
    private static let gapsKept = 64

    private var places = Deque<Place>()
    private(set) var count = 0
    /// Tags of what was taken back: the client may settle it yet, without effect.
    private var reclaimed: Set<UInt64> = []

    var isEmpty: Bool { count == 0 }
    /// What it takes in memory: the deliveries, and gaps that have not been closed.
    var placeCount: Int { places.count }

    /// Adds a delivery; its tag is higher than all before.
    mutating func append(_ delivery: Delivery) {
        places.append(Place(tag: delivery.tag, delivery: delivery))
        count += 1
    }

    /// Takes out the delivery of that tag; `nil` if it is not outstanding.
    mutating func take(_ tag: UInt64) -> Delivery? {
        guard let index = index(of: tag), let delivery = places[index].delivery else { return nil }
        places[index].delivery = nil
        count -= 1
        tidy()
        return delivery
    }

    /// Takes out all deliveries up to and including that tag, which must be outstanding itself (RabbitMQ refuses a tag
    /// that is not) or have been taken back, in order.
    ///
    /// - Returns: whether the tag was outstanding; otherwise nothing happens.
    mutating func take(through tag: UInt64, _ body: (Delivery) -> Void) -> Bool {
        if !reclaimed.isEmpty, reclaimed.contains(tag) {
            takeFirst(places.prefix { $0.tag <= tag }.count, body)
            reclaimed = reclaimed.filter { $0 > tag }
            return true
        }
        guard let index = index(of: tag), places[index].delivery != nil else { return false }
        takeFirst(index + 1, body)
        if !reclaimed.isEmpty { reclaimed = reclaimed.filter { $0 > tag } }
        return true
    }

    private mutating func takeFirst(_ placeCount: Int, _ body: (Delivery) -> Void) {
        for place in places.prefix(placeCount) {
            guard let delivery = place.delivery else { continue }
            count -= 1
            body(delivery)
        }
        places.removeFirst(placeCount)
        tidy()
    }

    // MARK: Taking back

    var reclaimedCount: Int { reclaimed.count }

    func forEach(_ body: (Delivery) -> Void) {
        for place in places {
            if let delivery = place.delivery { body(delivery) }
        }
    }

    /// Takes back what is meant, in order; the client may settle it later as if it still had it.
    mutating func reclaim(where isMeant: (Delivery) -> Bool) -> [Delivery] {
        var taken: [Delivery] = []
        for index in places.indices {
            guard let delivery = places[index].delivery, isMeant(delivery) else { continue }
            places[index].delivery = nil
            reclaimed.insert(delivery.tag)
            taken.append(delivery)
        }
        count -= taken.count
        tidy()
        return taken
    }

    /// Whether the tag is of something that was taken back; it can be settled once.
    mutating func takeReclaimed(_ tag: UInt64) -> Bool { reclaimed.remove(tag) != nil }

    /// Takes out everything, in order.
    mutating func takeAll() -> [Delivery] {
        defer {
            places.removeAll()
            reclaimed.removeAll()
            count = 0
        }
        return places.compactMap(\.delivery)
    }

    /// Puts back what was taken out, among the others by tag: a transaction was rolled back.
    mutating func restore(_ deliveries: [Delivery]) {
        guard !deliveries.isEmpty else { return }
        let all = (takeAll() + deliveries).sorted { $0.tag < $1.tag }
        for delivery in all { append(delivery) }
    }

    private func index(of tag: UInt64) -> Int? {
        guard let first = places.first, tag >= first.tag else { return nil }
        let guess = tag - first.tag
        if guess < UInt64(places.count), places[Int(guess)].tag == tag { return Int(guess) }
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            if places[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low].tag == tag ? low : nil
    }

    private mutating func tidy() {
        while let first = places.first, first.delivery == nil { places.removeFirst() }
        let gaps = places.count - count
        if gaps > Self.gapsKept, gaps > count { places.removeAll { $0.delivery == nil } }
    }
}
