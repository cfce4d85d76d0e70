/// For comparison: 2Q as in the paper, with the paper's shares, a quarter for A1in and half for the ghosts.
struct TwoQueues: EvictionPolicy {
    private struct Ghost {
        let key: UInt64
        let byteCount: Int
        /// Tells it from an older ghost of the same page.
        let number: Int
    }

    private static let recent = 0
    private static let frequent = 1

    private let byteCountMax: Int
    private var lists = FrameLists()
    private var ghosts: [Ghost] = []
    private var firstGhost = 0
    private var ghostByteCount = 0
    private var ghostNumbers: [UInt64: Int] = [:]

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    var isOverBudget: Bool { lists.byteCounts[Self.recent] + lists.byteCounts[Self.frequent] > byteCountMax }

    mutating func admit(key: UInt64, byteCount: Int, place: UInt64) -> Int32 {
        if ghostNumbers.removeValue(forKey: key) != nil {
            ghostByteCount -= byteCount
            return lists.add(key: key, byteCount: byteCount, to: Self.frequent)
        }
        return lists.add(key: key, byteCount: byteCount, to: Self.recent)
    }

    mutating func touch(_ frame: Int32) {
        if lists.frames[Int(frame)].list == Self.frequent { lists.makeYoungest(frame) }
    }

    mutating func remove(_ frame: Int32) { lists.remove(frame) }

    mutating func evict(_ frame: Int32) {
        let page = lists.frames[Int(frame)]
        lists.remove(frame)
        guard page.list == Self.recent else { return }
        ghostNumbers[page.key] = ghosts.count
        ghosts.append(Ghost(key: page.key, byteCount: page.byteCount, number: ghosts.count))
        ghostByteCount += page.byteCount
        while ghostByteCount > byteCountMax / 2 {
            let ghost = ghosts[firstGhost]
            firstGhost += 1
            guard ghostNumbers[ghost.key] == ghost.number else { continue }
            ghostNumbers[ghost.key] = nil
            ghostByteCount -= ghost.byteCount
        }
    }

    mutating func victim(tail: UInt64, isEvictable: (Int32) -> Bool) -> Int32? {
        let isRecentOverShare = lists.byteCounts[Self.recent] > byteCountMax / 4
        let (first, second) = isRecentOverShare ? (Self.recent, Self.frequent) : (Self.frequent, Self.recent)
        return lists.oldest(in: first, where: isEvictable) ?? lists.oldest(in: second, where: isEvictable)
    }
}
