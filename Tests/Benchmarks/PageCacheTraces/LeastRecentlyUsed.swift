/// For comparison: the page that was used longest ago goes.
struct LeastRecentlyUsed: EvictionPolicy {
    private let byteCountMax: Int
    private var lists = FrameLists()

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    var isOverBudget: Bool { lists.byteCounts[0] > byteCountMax }

    mutating func admit(key: UInt64, byteCount: Int, place: UInt64) -> Int32 {
        lists.add(key: key, byteCount: byteCount, to: 0)
    }

    mutating func touch(_ frame: Int32) { lists.makeYoungest(frame) }

    mutating func remove(_ frame: Int32) { lists.remove(frame) }

    mutating func evict(_ frame: Int32) { lists.remove(frame) }

    mutating func victim(tail: UInt64, isEvictable: (Int32) -> Bool) -> Int32? {
        lists.oldest(in: 0, where: isEvictable)
    }
}
