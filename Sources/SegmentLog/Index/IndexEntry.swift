/// What an index knows of one message: sixteen bytes, whose meaning is the owner's.
public struct IndexEntry: BitwiseCopyable, Equatable, Sendable {
    public var first: UInt64
    public var second: UInt64

    @inlinable
    public init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }
}
