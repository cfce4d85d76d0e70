/// What a binding points to: a queue or an exchange, routing does not care which. A virtual host hands the numbers
/// out densely from 0 and reuses them, since tables are indexed by them.
public struct DestinationID: Hashable, Sendable {
    public let rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}
