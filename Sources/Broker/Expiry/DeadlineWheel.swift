import SegmentLog

/// When something is to become of messages, wherever they stand in their queues: a hierarchical timing wheel. To put one in
/// and to take it out costs the same however many there are.
///
/// A slot of the lowest level is a tick; a slot of each further level is as long as the whole level below, and is dealt out
/// to that when its time begins. Slots are paged lists, so that any number of deadlines takes no more memory than the page
/// cache gives. Nothing is ever taken out early: whoever is told looks whether the message is still there.
final class DeadlineWheel {
    /// What becomes of a message at its time.
    enum Purpose: UInt64 {
        case expiry
        /// It has come back to its queue, and is ready again.
        case retry
    }

    /// A message whose time may be over.
    struct Due: Equatable {
        let queueID: UInt64
        let sequence: UInt64
        var purpose = Purpose.expiry
    }

    enum Next: Equatable {
        case due(Due)
        /// It is in no memory page: `fetch` brings it.
        case away
        /// Many deadlines were dealt out to the level below: ask again, in another turn.
        case more
        /// Nothing is due.
        case none
    }

    /// How many deadlines one call deals out: some hundred microseconds' worth.
    private static let dealtPerCall = 1000

    /// Four milliseconds: a message goes that much too late at the most.
    static let tickShift: UInt64 = 2
    private static let slotShift = 6
    private static let slotMask = 63
    /// Two to the 36th ticks are more than eight years; what is later is dealt out again then.
    private static let levelCount = 6

    private let store: IndexStore
    private var slots: [PagedIndex?]
    /// Which slots of each level have something.
    private var occupied: [UInt64]
    /// What is due before this tick has been taken out.
    private var tick: UInt64
    /// The slot that is being worked through.
    private var open: (list: PagedIndex, level: Int)?
    private(set) var count = 0

    init(store: IndexStore, nowMilliseconds: UInt64) {
        self.store = store
        slots = Array(repeating: nil, count: Self.levelCount << Self.slotShift)
        occupied = Array(repeating: 0, count: Self.levelCount)
        tick = nowMilliseconds >> Self.tickShift
    }

    // MARK: In

    /// - Returns: when `next` will tell of it, in milliseconds since 1970.
    @discardableResult
    func insert(_ message: Due, deadlineMilliseconds: UInt64) -> UInt64 {
        count += 1
        // The first tick at which the time is over.
        let dueTick = max(tick, deadlineMilliseconds >> Self.tickShift + 1)
        let distance = dueTick - tick
        var level = 0
        while level < Self.levelCount - 1, distance >> (Self.slotShift * (level + 1)) > 0 { level += 1 }
        // What is farther than the wheel reaches waits in its last slot, and is dealt out again.
        let reach = min(dueTick, tick + (1 << (Self.slotShift * Self.levelCount)) - 1)
        let slot = Int(reach >> (Self.slotShift * level)) & Self.slotMask
        let list = self.list(level, slot)
        list.append(IndexEntry(first: message.queueID, second: message.sequence), isDurable: false)
        list.append(IndexEntry(first: deadlineMilliseconds, second: message.purpose.rawValue), isDurable: false)
        return dueTick << Self.tickShift
    }

    private func list(_ level: Int, _ slot: Int) -> PagedIndex {
        let index = level << Self.slotShift | slot
        if let list = slots[index] { return list }
        let list = PagedIndex(store: store)
        slots[index] = list
        occupied[level] |= 1 << UInt64(slot)
        return list
    }

    // MARK: Out

    /// The next message whose time is over; it stays the next until `drop`.
    func next(nowMilliseconds: UInt64) -> Next {
        let nowTick = nowMilliseconds >> Self.tickShift
        var dealt = 0
        while dealt < Self.dealtPerCall {
            if let open {
                guard let number = open.list.firstReady() else {
                    self.open = nil
                    continue
                }
                guard let first = open.list.entry(at: number), let second = open.list.entry(at: number + 1) else {
                    guard open.list.isLost(at: number) else { return .away }
                    settle(number, in: open.list)
                    continue
                }
                let message = Due(
                    queueID: first.first, sequence: first.second, purpose: Purpose(rawValue: second.second) ?? .expiry)
                if open.level == 0 { return .due(message) }
                settle(number, in: open.list)
                insert(message, deadlineMilliseconds: second.first)
                dealt += 1
                continue
            }
            guard let event = nextEvent(), event.tick <= nowTick else {
                tick = max(tick, nowTick)
                return .none
            }
            begin(event)
        }
        return .more
    }

    /// The message that `next` told is dealt with.
    func drop() {
        guard let open, let number = open.list.firstReady() else { preconditionFailure("nothing is due") }
        settle(number, in: open.list)
    }

    private func settle(_ number: Int, in list: PagedIndex) {
        list.settle(at: number)
        list.settle(at: number + 1)
        count -= 1
    }

    /// Brings what `next` found away.
    func fetch(for waiter: any PageWaiter) {
        guard let open, let number = open.list.firstReady() else { return waiter.pageArrived() }
        open.list.fetch(number, for: waiter)
    }

    /// When `next` should be asked again, nil for never.
    var nextEventMilliseconds: UInt64? {
        if open != nil { return 0 }
        return nextEvent().map { $0.tick << Self.tickShift }
    }

    private struct Event {
        let tick: UInt64
        let level: Int
    }

    /// The next slot whose time comes. Of several at the same tick the one of the highest level: what it holds may be due
    /// in the same tick.
    private func nextEvent() -> Event? {
        var next: Event?
        for level in 0..<Self.levelCount where occupied[level] != 0 {
            let shift = UInt64(Self.slotShift * level)
            // The first time of this level at or behind the tick.
            let first = (tick + (1 << shift) - 1) >> shift
            let turned = rotated(occupied[level], by: Int(first) & Self.slotMask)
            let found = (first + UInt64(turned.trailingZeroBitCount)) << shift
            if found <= next?.tick ?? .max { next = Event(tick: found, level: level) }
        }
        return next
    }

    private func rotated(_ bits: UInt64, by count: Int) -> UInt64 {
        count == 0 ? bits : bits >> UInt64(count) | bits << UInt64(64 - count)
    }

    private func begin(_ event: Event) {
        let slot = Int(event.tick >> UInt64(Self.slotShift * event.level)) & Self.slotMask
        let index = event.level << Self.slotShift | slot
        guard let list = slots[index] else { preconditionFailure("an occupied slot has a list") }
        slots[index] = nil
        occupied[event.level] &= ~(1 << UInt64(slot))
        tick = event.level == 0 ? event.tick + 1 : event.tick
        open = (list, event.level)
    }
}
