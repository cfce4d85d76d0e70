/// Placeholder until the generator writes it.
public struct ReplyCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public var name: String { "" }
}
