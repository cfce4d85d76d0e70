import SegmentLog

/// Where a message is stored: a record of the segment log, or of the memory-only transient log. The top bit tells
/// which; positions of either stay below 2^63.
struct MessageHandle: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt64

    private static let transientBit: UInt64 = 1 << 63

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    init(logged position: LogPosition) {
        precondition(position.rawValue & Self.transientBit == 0)
        rawValue = position.rawValue
    }

    init(transient position: LogPosition) {
        precondition(position.rawValue & Self.transientBit == 0)
        rawValue = position.rawValue | Self.transientBit
    }

    var isTransient: Bool { rawValue & Self.transientBit != 0 }
    var position: LogPosition { LogPosition(rawValue: rawValue & ~Self.transientBit) }
}
