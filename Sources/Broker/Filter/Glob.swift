/// A pattern with `*` for any bytes, none included, and `?` for exactly one.
struct Glob: Sendable {
    private let pattern: [UInt8]

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    /// Whether it is the whole text. Only the last star is ever gone back to, so it takes at most as many steps as pattern
    /// and text have bytes multiplied.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        var (at, patternAt) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if patternAt < pattern.count, pattern[patternAt] == UInt8(ascii: "*") {
                star = (patternAt, at)
                patternAt += 1
            } else if patternAt < pattern.count,
                pattern[patternAt] == UInt8(ascii: "?") || pattern[patternAt] == text[at]
            {
                patternAt += 1
                at += 1
            } else if let last = star {
                patternAt = last.pattern + 1
                at = last.text + 1
                star = (last.pattern, at)
            } else {
                return false
            }
        }
        return pattern[patternAt...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
