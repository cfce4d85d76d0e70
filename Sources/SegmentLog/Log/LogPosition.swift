/// Where a record begins: the byte offset of its header in the log's endless address space. Positions only grow, and
/// stay what they are for as long as the record's segment exists; 0 is never the position of a record.
public struct LogPosition: RawRepresentable, Comparable, Hashable, Sendable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before every record: useful as "none".
    public static let zero = LogPosition(rawValue: 0)

    @inlinable
    public static func < (left: LogPosition, right: LogPosition) -> Bool {
        left.rawValue < right.rawValue
    }
}
