/// Matching a pattern in which stars stand for any number of elements, none included: bytes for a glob, words for a topic.
enum StarMatch {
    /// Whether the pattern is the whole text. Only the last star is ever gone back to, so it takes at most as many steps as
    /// pattern and text have elements multiplied.
    ///
    /// - Parameters:
    ///   - isStar: of an element of the pattern.
    ///   - stepsLeft: how many steps it may take, less those that it has taken.
    ///   - fits: whether an element of the pattern that is no star is that element of the text.
    /// - Returns: nil if so many steps are not enough.
    @inline(__always)
    static func matches(
        patternCount: Int, textCount: Int, stepsLeft: inout Int, isStar: (Int) -> Bool,
        fits: (_ pattern: Int, _ text: Int) -> Bool
    ) -> Bool? {
        var (at, patternAt) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while at < textCount {
            guard stepsLeft > 0 else { return nil }
            stepsLeft -= 1
            if patternAt < patternCount, isStar(patternAt) {
                star = (patternAt, at)
                patternAt += 1
            } else if patternAt < patternCount, fits(patternAt, at) {
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
        return (patternAt..<patternCount).allSatisfy(isStar)
    }
}
