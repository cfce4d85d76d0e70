/// What is wrong with a regular expression.
struct PatternError: Error, Equatable, CustomStringConvertible {
    let message: String
    /// In bytes from the pattern's start.
    let offset: Int

    var description: String { "\(message) at offset \(offset)" }
}
