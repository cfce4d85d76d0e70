/// Where something stands in a definition file: what an error message has to say first.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The path as it was given to the loader.
    public var file: String
    /// Counted from 1; 0 means the file as a whole.
    public var line: Int
    /// Counted from 1, in Unicode scalars, as editors do.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The file as a whole: it cannot be read, or it is of the wrong kind.
    public static func wholeFile(_ file: String) -> SourceLocation {
        SourceLocation(file: file, line: 0, column: 0)
    }

    /// `file:line:column`, which terminals and editors turn into a link; the bare file if it is about all of it.
    public var description: String {
        line == 0 ? file : "\(file):\(line):\(column)"
    }
}
