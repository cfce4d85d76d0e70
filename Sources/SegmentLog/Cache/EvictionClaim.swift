/// What a use of a page would say about the contest for eviction that it is in: see `PageCachePolicy`.
enum EvictionClaim: UInt8 {
    case none
    /// It was the oldest. Its use speaks for going by distance, which keeps it.
    case oldest
    /// It was the farthest from the tail. Its use speaks against going by distance.
    case farthest
    /// It has spoken. Had it been evicted, its use would have brought it into Am, so further uses say nothing.
    case settled

    var isOpen: Bool { self == .oldest || self == .farthest }

    /// The points of trust that a use gives to distance.
    var trustWhenUsed: Int {
        switch self {
        case .oldest: 1
        case .farthest: -1
        case .none, .settled: 0
        }
    }

    /// A page speaks once in its stay.
    mutating func become(_ claim: EvictionClaim) {
        if self != .settled { self = claim }
    }
}
