import SeededRandom
import Testing

@testable import Broker

/// Random small patterns, of the syntax that Swift's `Regex` and PCRE have in common, on random short names.
@Suite struct PatternFuzzTests {
    private static let patternCount = 3_000
    private static let namesForEach = 6

    @Test("as Swift's Regex finds it", .timeLimit(.minutes(5)))
    func agreesWithRegex() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Self.patternCount {
            let text = Self.alternatives(depth: 2, &random)
            let pattern = try #require(try? BytePattern(text), "seed \(seed): \(text) is refused")
            let reference = try Regex(text)
            for _ in 0..<Self.namesForEach {
                let name = String(
                    (0..<Int.random(in: 0...7, using: &random)).map { _ in Self.pick(Array("abAB1.-"), &random) })
                let expected = try reference.firstMatch(in: name) != nil
                #expect(pattern.matches(name.utf8) == expected, "seed \(seed): \(text) in \(name)")
            }
        }
    }

    @Test("any text is a pattern or an error", .timeLimit(.minutes(1)))
    func hostileText() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "(", ")", "[", "]", "{", "}", "?", "*", "+", "|", "^", "$", "\\", "a", "1", ",", "-", ":", "=", "!", "<",
            ">", "P",
            "Q", "E", "x", "(?", "[:", ":]", "[[:alpha:]]", "é", "\n", "#", "'", "{2,3}", "(?i", "(?<n>", "\\Q", "\\E",
            "\\x{",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in Self.pick(pieces, &random) }
                .joined()
            guard let pattern = try? BytePattern(text) else { continue }
            _ = pattern.matches("aE1x-\n".utf8)
        }
    }

    // MARK: Patterns

    private static func pick<Element>(_ elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private static func alternatives(depth: Int, _ random: inout SeededGenerator) -> String {
        (0..<pick([1, 1, 1, 2, 3], &random)).map { _ in sequence(depth, &random) }.joined(
            separator: "|")
    }

    private static func sequence(_ depth: Int, _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in part(depth, &random) }.joined()
    }

    private static func part(_ depth: Int, _ random: inout SeededGenerator) -> String {
        let quantifiers = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}", "{2,}"]
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return pick(["^", "$", #"\A"#, #"\z"#], &random)
        case 1...3 where depth > 0:
            let inner = alternatives(depth: depth - 1, &random)
            let group = pick(["(", "(?:", "(?i:", "(?=", "(?!"], &random)
            // Swift's Regex refuses to repeat a lookahead, and does not count that a group matched nothing.
            let isLook = group == "(?=" || group == "(?!"
            let quantifiers = quantifiers.filter { !$0.hasPrefix("{2") }
            return group + inner + ")"
                + (isLook || Bool.random(using: &random) ? "" : pick(quantifiers, &random))
        default:
            let atoms = [
                "a", "b", "A", "1", "-", #"\."#, ".", #"\d"#, #"\w"#, #"\D"#, #"\W"#, #"\s"#, #"\S"#, "[ab]", "[^ab]",
                "[a-c1]",
                "[[:alpha:]]", "[^[:digit:]]", #"[\d-]"#, #"[\w.]"#, #"\x41"#, #"[A-Z\-]"#,
            ]
            let atom = pick(atoms, &random)
            return Int.random(in: 0..<3, using: &random) == 0 ? atom + pick(quantifiers, &random) : atom
        }
    }
}
