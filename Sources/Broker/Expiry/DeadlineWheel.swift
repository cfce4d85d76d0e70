import SegmentLog

/// When something is to become of messages, wherever they stand in their queues: a hierarchical timing wheel. To put one in
/// and to take it out costs the same however many there are.
///
/// A slot of the lowest level is a tick; a slot of each further level is as long as 64 of the level below, and is dealt out to
/// that before its time begins, a piece at a time, while what is due goes on being told. Slots are paged lists, so that any
/// number of deadlines takes no more memory than the page cache gives. Nothing is ever taken out early: whoever is told looks
/// whether the message is still there.
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

    /// Why there is no message to be taken out.
    enum End: Equatable {
        /// The next one is in no memory page: `fetch` brings it.
        case away
        /// Many deadlines were dealt out to the level below: ask again, in another turn.
        case more
        /// Nothing is due yet.
        case nothingDue
    }

    /// How many deadlines one call deals out: some hundred microseconds' worth.
    private static let dealtPerCall = 1000
    /// So many are dealt out before anybody looks whether something more urgent has come up.
    private static let dealtInARow = 64

    /// Two milliseconds: a message goes that much too late at the most.
    static let tickShift: UInt64 = 1
    /// A slot is as long as so many slots of the level below.
    private static let spanShift = 6
    /// Twice as many as a slot above is long: that can be dealt out before its time begins.
    private static let slotCount = 128
    /// Two to the 36th ticks are more than four years; what is later is dealt out again then.
    private static let levelCount = 6

    private let store: IndexStore
    // Unchecked: one owner, and no call lets foreign code run while a property is being changed.
    @exclusivity(unchecked) private var slots: [PagedIndex?]
    /// Which slots of each level have something.
    @exclusivity(unchecked) private var occupied: [UInt128]
    /// What is due before this tick has been taken out, or stands in `due` or `dealt`.
    @exclusivity(unchecked) private var tick: UInt64
    /// The slot of the lowest level whose time has come.
    @exclusivity(unchecked) private var due: PagedIndex?
    /// The slot of each higher level that is being dealt out.
    @exclusivity(unchecked) private var dealt: [PagedIndex?]
    @exclusivity(unchecked) private(set) var count = 0

    init(store: IndexStore, nowMilliseconds: UInt64) {
        self.store = store
        slots = Array(repeating: nil, count: Self.levelCount * Self.slotCount)
        occupied = Array(repeating: 0, count: Self.levelCount)
        dealt = Array(repeating: nil, count: Self.levelCount)
        tick = nowMilliseconds >> Self.tickShift
    }

    // MARK: In

    /// - Returns: when `take` will find it, in milliseconds since 1970.
    @discardableResult
    func insert(_ message: Due, deadlineMilliseconds: UInt64) -> UInt64 {
        count += 1
        // The first tick at which the time is over.
        let dueTick = max(tick, deadlineMilliseconds >> Self.tickShift + 1)
        // What is farther than the wheel reaches waits in its last slot, and is dealt out again.
        let reach = min(dueTick, tick + (1 << UInt64(Self.spanShift * Self.levelCount)) - 1)
        var level = 0
        var shift: UInt64 = 0
        while reach >> shift - tick >> shift >= Self.slotCount {
            level += 1
            shift += UInt64(Self.spanShift)
        }
        let list = self.list(level, Int(reach >> shift) & (Self.slotCount - 1))
        list.append(IndexEntry(first: message.queueID, second: message.sequence), isDurable: false)
        list.append(IndexEntry(first: deadlineMilliseconds, second: message.purpose.rawValue), isDurable: false)
        return dueTick << Self.tickShift
    }

    private func list(_ level: Int, _ slot: Int) -> PagedIndex {
        let index = level * Self.slotCount + slot
        if let list = slots[index] { return list }
        let list = PagedIndex(store: store)
        slots[index] = list
        occupied[level] |= 1 << UInt128(slot)
        return list
    }

    // MARK: Out

    /// Takes out the next messages whose time is over, until there are `countMax` of them in `messages`.
    ///
    /// - Returns: why it ends before that; else nil.
    func take(nowMilliseconds: UInt64, upTo countMax: Int, into messages: inout [Due]) -> End? {
        while messages.count < countMax {
            if let end = findDue(nowMilliseconds: nowMilliseconds) { return end }
            // Of one slot, without another look at what may be due.
            guard let due else { preconditionFailure("something is due") }
            while messages.count < countMax, let number = due.firstReady(), let found = found(number, in: due) {
                settle(number, in: due)
                messages.append(found.message)
            }
        }
        return nil
    }

    /// Has the first message of `due` be the next whose time is over, in memory.
    private func findDue(nowMilliseconds: UInt64) -> End? {
        let nowTick = nowMilliseconds >> Self.tickShift
        var count = 0
        while true {
            if let list = due {
                guard let number = list.firstReady() else {
                    due = nil
                    continue
                }
                if found(number, in: list) != nil { return nil }
                guard list.isLost(at: number) else { return .away }
                settle(number, in: list)
                continue
            }
            // What is due comes before what is only dealt out, and what has less time before what has more.
            let level = dealt.firstIndex { $0 != nil } ?? Self.levelCount
            if count % Self.dealtInARow == 0 || level == Self.levelCount, let event = nextEvent(below: level),
                event.tick <= nowTick, mayReach(event, dealing: level)
            {
                begin(event, nowTick: nowTick)
                continue
            }
            if level < Self.levelCount, let list = dealt[level] {
                guard let number = list.firstReady() else {
                    dealt[level] = nil
                    continue
                }
                guard count < Self.dealtPerCall else { return .more }
                let found = found(number, in: list)
                guard found != nil || list.isLost(at: number) else { return .away }
                settle(number, in: list)
                if let found { insert(found.message, deadlineMilliseconds: found.deadlineMilliseconds) }
                count += 1
                continue
            }
            tick = max(tick, nowTick)
            return .nothingDue
        }
    }

    private func begin(_ event: Event, nowTick: UInt64) {
        let list = takeSlot(event)
        if event.level == 0 {
            due = list
            tick = event.slotTick
        } else {
            dealt[event.level] = list
            // As near to the present as nothing else comes before, so that what is put in meanwhile finds its level.
            let next = nextEvent(below: Self.levelCount)?.tick ?? nowTick
            tick = max(tick, event.tick, min(next, nowTick))
        }
    }

    /// The tick must not pass a slot by that has not been dealt out, however late that is.
    private func mayReach(_ event: Event, dealing level: Int) -> Bool {
        level == Self.levelCount
            || (level..<Self.levelCount).allSatisfy { firstSlotTick($0).map { event.slotTick < $0 } ?? true }
    }

    private func found(
        _ number: Int, in list: PagedIndex
    ) -> (message: Due, deadlineMilliseconds: UInt64)? {
        guard let first = list.entry(at: number), let second = list.entry(at: number + 1) else { return nil }
        let message = Due(
            queueID: first.first, sequence: first.second, purpose: Purpose(rawValue: second.second) ?? .expiry)
        return (message, second.first)
    }

    private func settle(_ number: Int, in list: PagedIndex) {
        list.settle(at: number)
        list.settle(at: number + 1)
        count -= 1
    }

    /// Brings what `take` found away.
    func fetch(for waiter: any PageWaiter) {
        guard let list = due ?? dealt.first(where: { $0 != nil }) ?? nil, let number = list.firstReady() else {
            return waiter.pageArrived()
        }
        list.fetch(number, for: waiter)
    }

    /// When `take` should be called again, nil for never.
    var nextEventMilliseconds: UInt64? {
        if due != nil || dealt.contains(where: { $0 != nil }) { return 0 }
        return nextEvent(below: Self.levelCount).map { $0.tick << Self.tickShift }
    }

    private struct Event {
        /// When something is to be done.
        let tick: UInt64
        let level: Int
        /// When the slot's time begins.
        let slotTick: UInt64
    }

    /// The next slot whose turn comes. Of several at the same tick the one of the highest level: what it holds may be due
    /// in the same tick. A slot of a higher level is dealt out half of its own length before its time begins, so that this is
    /// done by then, however much it holds.
    private func nextEvent(below levelEnd: Int) -> Event? {
        var next: Event?
        for level in 0..<levelEnd {
            guard let slotTick = firstSlotTick(level) else { continue }
            let shift = UInt64(Self.spanShift * level)
            let lead: UInt64 = level == 0 ? 0 : 1 << (shift - 1)
            let event = Event(tick: max(tick, slotTick - min(slotTick, lead)), level: level, slotTick: slotTick)
            if event.tick <= next?.tick ?? .max { next = event }
        }
        return next
    }

    /// When the time of the first slot of a level begins that holds something.
    private func firstSlotTick(_ level: Int) -> UInt64? {
        guard occupied[level] != 0 else { return nil }
        let shift = UInt64(Self.spanShift * level)
        let first = tick >> shift
        let turned = rotated(occupied[level], by: Int(first) & (Self.slotCount - 1))
        return (first + UInt64(turned.trailingZeroBitCount)) << shift
    }

    private func rotated(_ bits: UInt128, by count: Int) -> UInt128 {
        count == 0 ? bits : bits >> UInt128(count) | bits << UInt128(Self.slotCount - count)
    }

    private func takeSlot(_ event: Event) -> PagedIndex {
        let slot = Int(event.slotTick >> UInt64(Self.spanShift * event.level)) & (Self.slotCount - 1)
        let index = event.level * Self.slotCount + slot
        guard let list = slots[index] else { preconditionFailure("an occupied slot has a list") }
        slots[index] = nil
        occupied[event.level] &= ~(1 << UInt128(slot))
        return list
    }
}
