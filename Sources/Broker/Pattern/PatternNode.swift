/// A regular expression as its parts. Which group captured what nobody asks, so groups are their content.
indirect enum PatternNode: Sendable {
    case empty
    case bytes(ByteSet)
    case assertion(PatternAssertion)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// `max` is nil for any number. Whether greedy or lazy makes no difference to whether there is a match.
    case repeated(PatternNode, min: Int, max: Int?)
    /// Lookahead or lookbehind.
    case look(PatternNode, isAhead: Bool, isNegated: Bool)
}
