/// How large a filter may be, and how much of a message it looks at. A message that is larger than a test looks at is
/// undecided: it does not match, and is counted as undecided.
public enum FilterLimits {
    /// Of a filter's text, in bytes.
    public static let textBytesMax = 16 << 10
    /// How deep parentheses and `not` may be nested.
    public static let nestingMax = 32
    /// Comparisons in a filter.
    public static let testsMax = 100
    /// Values behind `in`.
    public static let valuesMax = 1000
    /// Bytes that a substring is looked for in: about a millisecond's worth.
    public static let searchBytesMax = 1 << 20
    /// Bytes that a regular expression, or the pattern of a `like`, is matched against, …
    public static let patternBytesMax = 64 << 10
    /// … and the steps that all of them together may take for a message: about a millisecond.
    public static let patternStepsMax = 200_000
    /// Bytes that all searches and JSONPaths of a filter together may go through for a message, where a value that something is
    /// compared with counts as eight: some milliseconds.
    public static let workBytesMax = 8 << 20
    /// Of a body in which a JSONPath is followed, in bytes.
    public static let jsonBytesMax = 1 << 20
    /// How deep objects and arrays may be nested in it.
    public static let jsonNestingMax = 64
}
