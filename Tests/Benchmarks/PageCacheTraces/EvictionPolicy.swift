import SegmentLog

/// What the traces ask of a cache policy: `PageCachePolicy` says what each of these does.
protocol EvictionPolicy: ~Copyable {
    init(byteCountMax: Int)
    var isOverBudget: Bool { get }
    mutating func admit(key: UInt64, byteCount: Int, place: UInt64) -> Int32
    mutating func touch(_ frame: Int32)
    mutating func remove(_ frame: Int32)
    mutating func evict(_ frame: Int32)
    mutating func victim(tail: UInt64, isEvictable: (_ frame: Int32) -> Bool) -> Int32?
}

extension PageCachePolicy: EvictionPolicy {}
