/// A pattern with `*` for any bytes, none included, and `?` for exactly one.
public struct Glob: Sendable {
    private let pattern: [UInt8]

    init(_ pattern: [UInt8]) { self.pattern = pattern }

    public init(_ pattern: String) { self.init(Array(pattern.utf8)) }

    /// Whether it is the whole name.
    public func matches(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    /// Whether it is the whole text.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        StarMatch.matches(
            patternCount: pattern.count, textCount: text.count, isStar: { pattern[$0] == UInt8(ascii: "*") },
            fits: { pattern[$0] == UInt8(ascii: "?") || pattern[$0] == text[$1] })
    }
}
