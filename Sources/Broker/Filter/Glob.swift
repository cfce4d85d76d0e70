/// A pattern with `*` for any bytes, none included, and `?` for exactly one.
public struct Glob: Sendable {
    private let pattern: [UInt8]

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    public init(_ pattern: String) { self.init(Array(pattern.utf8)) }

    /// Whether it is the whole name.
    public func matches(_ name: String) -> Bool {
        var (name, stepsLeft) = (name, Int.max)
        return name.withUTF8 { matches(UnsafeRawBufferPointer($0), stepsLeft: &stepsLeft) } ?? false
    }

    /// Whether it is the whole text.
    ///
    /// - Parameter stepsLeft: how many steps it may take, less those that it has taken.
    /// - Returns: nil if so many are not enough.
    func matches(_ text: UnsafeRawBufferPointer, stepsLeft: inout Int) -> Bool? {
        StarMatch.matches(
            patternCount: pattern.count, textCount: text.count, stepsLeft: &stepsLeft,
            isStar: { pattern[$0] == UInt8(ascii: "*") },
            fits: { pattern[$0] == UInt8(ascii: "?") || pattern[$0] == text[$1] })
    }
}
