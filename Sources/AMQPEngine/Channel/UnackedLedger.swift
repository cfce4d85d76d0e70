import Broker
import DequeModule

/// What a channel was given and has not settled, by delivery tag. Tags grow by one, so a tag's place is found by
/// arithmetic, or by bisection once gaps have been closed. Settling costs O(1) amortised, also out of order.
///
/// A place holds no references: queue and consumer are those of its *holder*, one for all deliveries of a consumer.
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
        let deadlineNanoseconds: UInt64
        let entry: QueueEntry
        /// -1 once settled.
        var holder: Int32
    }

    private struct Holder {
        let queue: Queue
        let consumer: Consumer?
    }

    /// Gaps are closed when there are more of them than deliveries, and more than this.
    private static let gapsKept = 64

    private var places = Deque<Place>()
    private(set) var count = 0
    private var holders: [Holder?] = []
    /// How many deliveries each of them has.
    private var deliveryCounts: [Int] = []
    private var freeHolders: [Int32] = []
    /// The holder of the last delivery, and its consumer: the next one is mostly its as well.
    private var lastHolder: Int32 = -1
    private var lastConsumer: ObjectIdentifier?
    /// Holders of consumers, by their identity.
    private var holdersOfConsumers: [ObjectIdentifier: Int32] = [:]
    /// Entries that one settlement takes; kept for its storage.
    private var run: [QueueEntry] = []
    /// Tags of what was taken back: the client may settle it yet, without effect.
    private var reclaimed: Set<UInt64> = []

    var isEmpty: Bool { count == 0 }
    /// What it takes in memory: the deliveries, and gaps that have not been closed.
    var placeCount: Int { places.count }

    /// Adds a delivery; its tag is higher than all before.
    mutating func append(_ delivery: Delivery) {
        append(
            delivery.entry, tag: delivery.tag, deadlineNanoseconds: delivery.deadlineNanoseconds,
            queue: delivery.queue, consumer: delivery.consumer)
    }

    @inline(__always)
    mutating func append(
        _ entry: QueueEntry, tag: UInt64, deadlineNanoseconds: UInt64, queue: Queue, consumer: Consumer?
    ) {
        let holder = holder(queue, consumer)
        places.append(Place(tag: tag, deadlineNanoseconds: deadlineNanoseconds, entry: entry, holder: holder))
        count += 1
    }

    /// Takes out the delivery of that tag; `nil` if it is not outstanding.
    mutating func take(_ tag: UInt64) -> Delivery? {
        guard let index = index(of: tag), let delivery = take(at: index) else { return nil }
        tidy()
        return delivery
    }

    /// Takes out all deliveries up to and including that tag, which must be outstanding itself (RabbitMQ refuses a tag
    /// that is not) or have been taken back, in order.
    ///
    /// - Returns: whether the tag was outstanding; otherwise nothing happens.
    mutating func take(through tag: UInt64, _ body: (Delivery) -> Void) -> Bool {
        guard let end = end(through: tag) else { return false }
        for index in 0..<end {
            if let delivery = take(at: index) { body(delivery) }
        }
        removeFirst(end, through: tag)
        return true
    }

    /// The same, with what is of one queue and one consumer, one behind the other, handed over together.
    mutating func takeRuns(
        through tag: UInt64, _ body: (UnsafeBufferPointer<QueueEntry>, Queue, Consumer?) -> Void
    ) -> Bool {
        guard let end = end(through: tag) else { return false }
        var index = 0
        while index < end {
            let number = places[index].holder
            run.removeAll(keepingCapacity: true)
            while index < end, places[index].holder == number {
                run.append(places[index].entry)
                index += 1
            }
            guard number >= 0, let holder = holders[Int(number)] else { continue }
            count -= run.count
            release(number, count: run.count)
            run.withUnsafeBufferPointer { body($0, holder.queue, holder.consumer) }
        }
        removeFirst(end, through: tag)
        return true
    }

    /// How many places there are up to that tag; `nil` if it is neither outstanding nor was taken back.
    private func end(through tag: UInt64) -> Int? {
        if !reclaimed.isEmpty, reclaimed.contains(tag) { return places.prefix { $0.tag <= tag }.count }
        guard let index = index(of: tag), places[index].holder >= 0 else { return nil }
        return index + 1
    }

    private mutating func removeFirst(_ placeCount: Int, through tag: UInt64) {
        places.removeFirst(placeCount)
        if !reclaimed.isEmpty { reclaimed = reclaimed.filter { $0 > tag } }
        tidy()
    }

    // MARK: Taking back

    var reclaimedCount: Int { reclaimed.count }

    func forEach(_ body: (Delivery) -> Void) {
        for place in places {
            if let delivery = delivery(of: place) { body(delivery) }
        }
    }

    /// Takes back what is meant, in order; the client may settle it later as if it still had it.
    mutating func reclaim(where isMeant: (Delivery) -> Bool) -> [Delivery] {
        var taken: [Delivery] = []
        for index in places.indices {
            guard let delivery = delivery(of: places[index]), isMeant(delivery) else { continue }
            _ = take(at: index)
            reclaimed.insert(delivery.tag)
            taken.append(delivery)
        }
        tidy()
        return taken
    }

    /// Whether the tag is of something that was taken back; it can be settled once.
    mutating func takeReclaimed(_ tag: UInt64) -> Bool { reclaimed.remove(tag) != nil }

    /// Takes out everything, in order.
    mutating func takeAll() -> [Delivery] {
        let all = places.compactMap { delivery(of: $0) }
        self = UnackedLedger()
        return all
    }

    /// Puts back what was taken out, among the others by tag: a transaction was rolled back.
    mutating func restore(_ deliveries: [Delivery]) {
        guard !deliveries.isEmpty else { return }
        let reclaimed = reclaimed
        let all = (takeAll() + deliveries).sorted { $0.tag < $1.tag }
        for delivery in all { append(delivery) }
        self.reclaimed = reclaimed
    }

    // MARK: Places

    private func delivery(of place: Place) -> Delivery? {
        guard place.holder >= 0, let holder = holders[Int(place.holder)] else { return nil }
        return Delivery(
            tag: place.tag, deadlineNanoseconds: place.deadlineNanoseconds, entry: place.entry, queue: holder.queue,
            consumer: holder.consumer)
    }

    private mutating func take(at index: Int) -> Delivery? {
        guard let delivery = delivery(of: places[index]) else { return nil }
        release(places[index].holder, count: 1)
        places[index].holder = -1
        count -= 1
        return delivery
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
        while let first = places.first, first.holder < 0 { places.removeFirst() }
        let gaps = places.count - count
        if gaps > Self.gapsKept, gaps > count { places.removeAll { $0.holder < 0 } }
    }

    // MARK: Holders

    /// The holder of a consumer's deliveries, or a new one for a message that was asked for.
    @inline(__always)
    private mutating func holder(_ queue: Queue, _ consumer: Consumer?) -> Int32 {
        if let consumer, lastConsumer == ObjectIdentifier(consumer) {
            deliveryCounts[Int(lastHolder)] += 1
            return lastHolder
        }
        return otherHolder(queue, consumer)
    }

    @inline(never)
    private mutating func otherHolder(_ queue: Queue, _ consumer: Consumer?) -> Int32 {
        if let consumer, let number = holdersOfConsumers[ObjectIdentifier(consumer)] {
            deliveryCounts[Int(number)] += 1
            lastHolder = number
            lastConsumer = ObjectIdentifier(consumer)
            return number
        }
        dropIdleHolders()
        let number: Int32
        if let free = freeHolders.popLast() {
            number = free
        } else {
            number = Int32(holders.count)
            holders.append(nil)
            deliveryCounts.append(0)
        }
        holders[Int(number)] = Holder(queue: queue, consumer: consumer)
        deliveryCounts[Int(number)] = 1
        if let consumer {
            holdersOfConsumers[ObjectIdentifier(consumer)] = number
            lastHolder = number
            lastConsumer = ObjectIdentifier(consumer)
        }
        return number
    }

    private mutating func release(_ number: Int32, count: Int) {
        deliveryCounts[Int(number)] -= count
        guard deliveryCounts[Int(number)] == 0, let holder = holders[Int(number)] else { return }
        // One that gets its messages one by one keeps its place.
        if let consumer = holder.consumer {
            guard consumer.isCancelled || holders.count > Self.idleHoldersMax else { return }
            holdersOfConsumers[ObjectIdentifier(consumer)] = nil
        }
        if number == lastHolder {
            lastHolder = -1
            lastConsumer = nil
        }
        holders[Int(number)] = nil
        freeHolders.append(number)
    }

    /// What cancelled consumers have left.
    private mutating func dropIdleHolders() {
        guard holders.count <= Self.idleHoldersMax else { return }
        for number in holders.indices where deliveryCounts[number] == 0 { release(Int32(number), count: 0) }
    }

    /// With more holders than this, one without deliveries goes.
    private static let idleHoldersMax = 16
}
