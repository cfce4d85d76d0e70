// Placeholder until the real one lands.
package struct PageCachePolicy: ~Copyable {
    private struct Frame { var key: UInt64; var byteCount: Int; var isUsed: Bool }
    private var frames: [Frame] = []
    private var free: [Int32] = []
    private var order: [Int32] = []
    package private(set) var residentByteCount = 0
    package var byteCountMax: Int
    package private(set) var ghostHits = 0
    package private(set) var evictions = 0
    package init(byteCountMax: Int) { self.byteCountMax = byteCountMax }
    package var isOverBudget: Bool { residentByteCount > byteCountMax }
    package func key(of frame: Int32) -> UInt64 { frames[Int(frame)].key }
    package func byteCount(of frame: Int32) -> Int { frames[Int(frame)].byteCount }
    package mutating func admit(key: UInt64, byteCount: Int, place: UInt64) -> Int32 {
        residentByteCount += byteCount
        let frame = free.popLast() ?? Int32(frames.count)
        let f = Frame(key: key, byteCount: byteCount, isUsed: true)
        if Int(frame) == frames.count { frames.append(f) } else { frames[Int(frame)] = f }
        order.append(frame)
        return frame
    }
    package mutating func touch(_ frame: Int32) {}
    package mutating func remove(_ frame: Int32) {
        residentByteCount -= frames[Int(frame)].byteCount
        frames[Int(frame)].isUsed = false
        order.removeAll { $0 == frame }
        free.append(frame)
    }
    package mutating func victim(tail: UInt64, isEvictable: (Int32) -> Bool) -> Int32? {
        order.first(where: isEvictable)
    }
    package mutating func evict(_ frame: Int32) { remove(frame); evictions += 1 }
}
