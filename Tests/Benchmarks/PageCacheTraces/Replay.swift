/// A cache at work on a trace.
struct Replay<Policy: EvictionPolicy & ~Copyable>: ~Copyable {
    private var policy: Policy
    private var tail: UInt64 = 0
    /// The frame of each page, -1 if it is not in memory.
    private var frames: [Int32]
    /// The page in each frame.
    private var pages: [Int] = []
    private var isOpen: [Bool]
    private var accesses = 0
    private var hits = 0

    /// The share of accesses that find their page in memory.
    static func hitRatio(of trace: PageTrace, byteCountMax: Int) -> Double {
        var replay = Self(policy: Policy(byteCountMax: byteCountMax), pageCount: trace.pages.count)
        for step in trace.steps { replay.take(step, of: trace) }
        return Double(replay.hits) / Double(replay.accesses)
    }

    private init(policy: consuming Policy, pageCount: Int) {
        self.policy = policy
        frames = Array(repeating: -1, count: pageCount)
        isOpen = Array(repeating: false, count: pageCount)
    }

    private mutating func take(_ step: PageTrace.Step, of trace: PageTrace) {
        let page = step.page
        switch step.kind {
        case .open:
            tail = trace.pages[page].place
            isOpen[page] = true
            admit(page, trace.pages[page])
        case .close:
            isOpen[page] = false
        case .access:
            accesses += 1
            if frames[page] >= 0 {
                hits += 1
                policy.touch(frames[page])
            } else {
                admit(page, trace.pages[page])
            }
        case .remove:
            guard frames[page] >= 0 else { return }
            policy.remove(frames[page])
            frames[page] = -1
        }
    }

    private mutating func admit(_ number: Int, _ page: PageTrace.Page) {
        let frame = policy.admit(key: UInt64(number), byteCount: page.byteCount, place: page.place)
        frames[number] = frame
        if Int(frame) == pages.count { pages.append(number) } else { pages[Int(frame)] = number }
        while policy.isOverBudget {
            // The page that is just coming is being read or filled.
            let victim = policy.victim(tail: tail) { $0 != frame && !isOpen[pages[Int($0)]] }
            guard let victim else { return }
            frames[pages[Int(victim)]] = -1
            policy.evict(victim)
        }
    }
}
