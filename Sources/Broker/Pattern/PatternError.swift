/// What is wrong with a regular expression.
public struct PatternError: Error, Equatable, CustomStringConvertible {
    public let message: String
    /// In bytes from the pattern's start.
    public let offset: Int

    public var description: String { "\(message) at offset \(offset)" }
}
