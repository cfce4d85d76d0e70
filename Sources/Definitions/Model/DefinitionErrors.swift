/// All errors of all files of one run; never empty when thrown.
public struct DefinitionErrors: Error, Hashable, Sendable, CustomStringConvertible {
    public var errors: [DefinitionError]

    public init(_ errors: [DefinitionError]) {
        self.errors = errors
    }

    /// One error a line.
    public var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}
