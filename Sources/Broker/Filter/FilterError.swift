/// What is wrong with a filter's text, where, and what would be right.
public struct FilterError: Error, Equatable, CustomStringConvertible {
    public let message: String
    /// In characters from the text's start, the first is 1.
    public let column: Int

    public var description: String { "filter, column \(column): \(message)" }
}
