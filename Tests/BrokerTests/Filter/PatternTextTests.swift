import SeededRandom
import TestSeeds
import Testing

@testable import Broker

/// Globs, topic patterns and substrings, which filters look for in bytes.
@Suite struct PatternTextTests {
    private static func with<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Array(text.utf8).withUnsafeBytes(body)
    }

    @Test(
        "globs",
        arguments: [
            ("*", "", true), ("a*c", "abc", true), ("a*c", "ac", true), ("a*c", "abd", false), ("?", "", false),
            ("?", "x", true), ("*.log", "a.log.log", true), ("a*b*c", "aXbYbZc", true), ("", "", true),
            ("", "a", false),
            ("**", "abc", true), ("abc", "abcd", false),
        ])
    func globs(pattern: String, text: String, isMatch: Bool) {
        #expect(Glob(pattern).matches(text) == isMatch)
    }

    @Test(
        "topic patterns match as bindings do",
        arguments: [
            ("#", "", true), ("#", "a.b", true), ("*", "", false), ("*", "a", true), ("*", "a.b", false),
            ("a.#", "a", true), ("a.#", "a.b.c", true), ("a.#", "b", false), ("#.c", "a.b.c", true),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.c", false), ("a.#.c", "a.c", true), ("*.#", "", false), ("#.*.#", "x", true), ("", "", true),
            ("", "a", false), ("a.", "a.", true),
        ])
    func topics(pattern: String, key: String, isMatch: Bool) {
        #expect(Self.with(key) { TopicPattern(Array(pattern.utf8)).matches($0) } == isMatch)
    }

    @Test("substrings are found as a naive search finds them")
    func substrings() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let text = (0..<random.next(upTo: 30)).map { _ in UInt8(97 + random.next(upTo: 2)) }
            let part = (0..<random.next(upTo: 6)).map { _ in UInt8(97 + random.next(upTo: 2)) }
            let isNaive =
                text.count >= part.count
                && (0...text.count - part.count).contains { text[$0...].starts(with: part) }
            #expect(text.withUnsafeBytes { SoughtBytes(part).isContained(in: $0) } == isNaive, "seed \(random.seed)")
        }
    }
}
