/// A literal word that bindings of a topic exchange have.
struct TopicWord {
    /// What the word is told apart by, never given out again.
    let number: UInt64
    /// How many edges of the trie have the word.
    var edgeCount: Int
}
