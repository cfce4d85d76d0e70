/// A binding by key alone, for matchers that look at one binding after the other.
struct NaiveBinding: Hashable {
    let key: String
    let destination: UInt32

    /// Whether a topic exchange sends a message with that key here, by the definition of `*` and `#`.
    func topicMatches(_ routingKey: String) -> Bool {
        Self.matches(Self.words(key)[...], Self.words(routingKey)[...])
    }

    private static func words(_ key: String) -> [Substring] {
        key.isEmpty ? [] : key.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func matches(_ pattern: ArraySlice<Substring>, _ words: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return words.isEmpty }
        if first == "#" {
            return matches(pattern.dropFirst(), words) || !words.isEmpty && matches(pattern, words.dropFirst())
        }
        guard let word = words.first, first == "*" || first == word else { return false }
        return matches(pattern.dropFirst(), words.dropFirst())
    }
}
