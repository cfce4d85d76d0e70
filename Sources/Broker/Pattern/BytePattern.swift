/// A regular expression in PCRE's syntax, as RabbitMQ's permissions and policies have them, over bytes.
///
/// Matching takes time linear in the text, whatever the pattern: all ways through it are followed at once (Thompson's
/// construction), never one after the other. A pattern comes from an administrator, but the text from any client, and
/// must not be able to hold the broker up.
///
/// What it means is what it means to PCRE without its UTF and UCP modes: a class like `\w` is one of ASCII bytes, and `.`
/// is any byte but a newline. What can't be followed that way is refused by name: backreferences, recursion, conditions,
/// atomic groups and possessive quantifiers, `\K`, `\R`, `\X`, Unicode properties, and verbs like `(*ACCEPT)`. Lookaround
/// is no problem.
public struct BytePattern: Sendable {
    private let program: PatternProgram

    /// - Throws: `PatternError` for what PCRE does not take, for the above, and for a pattern that is too large
    ///   (`PatternProgram.instructionsMax`).
    public init(_ text: String) throws(PatternError) {
        var parser = PatternParser(Array(text.utf8))
        program = try PatternProgram(try parser.parse())
    }

    /// Whether it matches anywhere in the text. At most `PatternProgram.instructionsMax` steps for each byte.
    public func matches(_ text: some Collection<UInt8>) -> Bool {
        var stepsLeft = Int.max
        return matches(text, stepsLeft: &stepsLeft) ?? false
    }

    /// The same for many texts, or for one that may be long.
    ///
    /// - Parameter stepsLeft: how many steps it may take, less those that it has taken.
    /// - Returns: nil if it has not been found within so many steps.
    public func matches(_ text: some Collection<UInt8>, stepsLeft: inout Int) -> Bool? {
        let isMatch = text.withContiguousStorageIfAvailable { text in
            matches(UnsafeRawBufferPointer(text), stepsLeft: &stepsLeft)
        }
        return isMatch ?? Array(text).withUnsafeBytes { matches($0, stepsLeft: &stepsLeft) }
    }

    /// As above, in place.
    func matches(_ text: UnsafeRawBufferPointer, stepsLeft: inout Int) -> Bool? {
        PatternRun.isMatch(program, text, stepsLeft: &stepsLeft)
    }
}
