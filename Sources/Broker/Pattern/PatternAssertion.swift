/// What holds between two bytes of a text, or does not.
enum PatternAssertion: Sendable {
    /// `\A`, `\G`, and `^` unless in multi-line mode.
    case textStart
    /// `\z`.
    case textEnd
    /// `\Z`, and `$` unless in multi-line mode: a newline that ends the text may follow.
    case textEndOrLastNewline
    /// `^` in multi-line mode.
    case lineStart
    /// `$` in multi-line mode.
    case lineEnd
    case wordBoundary
    case noWordBoundary

    func holds(at position: Int, in text: UnsafeRawBufferPointer) -> Bool {
        let newline = UInt8(ascii: "\n")
        switch self {
        case .textStart: return position == 0
        case .textEnd: return position == text.count
        case .textEndOrLastNewline:
            return position == text.count || (position == text.count - 1 && text[position] == newline)
        // Not behind a newline that ends the text.
        case .lineStart: return position == 0 || (position < text.count && text[position - 1] == newline)
        case .lineEnd: return position == text.count || text[position] == newline
        case .wordBoundary: return isWordBoundary(position, text)
        case .noWordBoundary: return !isWordBoundary(position, text)
        }
    }

    private func isWordBoundary(_ position: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let before = position > 0 && ByteSet.word.contains(text[position - 1])
        let after = position < text.count && ByteSet.word.contains(text[position])
        return before != after
    }
}
