import SeededRandom
import TestSeeds
import Testing

@testable import Routing

/// What the trie costs: in nodes that stay behind, and in nodes looked at for a message.
struct TopicTrieTests {
    private static func withBytes<Result>(_ key: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Array(key.utf8).withUnsafeBytes(body)
    }

    private static func match(_ trie: inout TopicTrie, _ key: String) -> (destinations: [UInt32], visits: Int) {
        var collector = RouteCollector()
        withBytes(key) { trie.match($0, into: &collector) }
        return (collector.sorted(), trie.visitCount)
    }

    @Test func unbindingEverythingLeavesTheRootAlone() {
        var random = SeededGenerator()
        var trie = TopicTrie()
        var keys: [String] = []
        for destination: UInt32 in 0..<2_000 {
            let wordCount = Int.random(in: 0...6, using: &random)
            keys.append(
                (0..<wordCount).map { _ in random.element(of: ["a", "b", "c", "*", "#"]) }.joined(separator: "."))
            Self.withBytes(keys[keys.count - 1]) { trie.insert($0, destination: destination) }
        }
        let nodeCount = trie.nodeCount
        #expect(nodeCount > 1_000, "\(random)")
        for index in keys.indices.shuffled(using: &random) {
            Self.withBytes(keys[index]) { trie.remove($0, destination: UInt32(index)) }
        }
        let (nodes, words) = (trie.nodeCount, trie.wordCount)
        #expect(nodes == 1 && words == 0, "\(random)")
    }

    @Test func nodesThatOthersNeedStay() {
        var trie = TopicTrie()
        for (destination, key) in ["a.b", "a.b.c.d", "a.b.c.e"].enumerated() {
            Self.withBytes(key) { trie.insert($0, destination: UInt32(destination)) }
        }
        Self.withBytes("a.b.c.d") { trie.remove($0, destination: 1) }
        Self.withBytes("a.b") { trie.remove($0, destination: 0) }
        let nodes = trie.nodeCount
        #expect(nodes == 5)
        let match = Self.match(&trie, "a.b.c.e")
        #expect(match.destinations == [2])
    }

    @Test func aHundredThousandBindingsCostAMessageAFewSteps() {
        var trie = TopicTrie()
        for number: UInt32 in 0..<100_000 {
            let key =
                switch number % 4 {
                case 0: "region\(number % 50).*.device\(number).#"
                case 1: "#.alarm\(number)"
                case 2: "*.site\(number).*"
                default: "region\(number % 50).site\(number).device\(number)"
                }
            Self.withBytes(key) { trie.insert($0, destination: number) }
        }
        let exact = Self.match(&trie, "region3.site1003.device1003")
        #expect(exact.destinations == [1003] && exact.visits <= 16)
        let alarm = Self.match(&trie, "region3.site77.alarm1005")
        #expect(alarm.destinations == [1005] && alarm.visits <= 16)
        let nothing = Self.match(&trie, "nobody.asked.for.this")
        #expect(nothing.destinations == [] && nothing.visits <= 16)
    }

    /// A matcher that tries every split between the `#` would take 2^100 steps here.
    @Test func manyHashesDoNotMultiply() {
        var trie = TopicTrie()
        let pattern = Array(repeating: "#.a", count: 60).joined(separator: ".") + ".b"
        Self.withBytes(pattern) { trie.insert($0, destination: 1) }
        let key = Array(repeating: "a", count: 127).joined(separator: ".")
        let missed = Self.match(&trie, key)
        let nodes = trie.nodeCount
        #expect(missed.destinations == [] && missed.visits <= 128 * nodes)
        let matched = Self.match(&trie, key.dropLast() + "b")
        #expect(matched.destinations == [1] && matched.visits <= 128 * nodes)
    }
}
