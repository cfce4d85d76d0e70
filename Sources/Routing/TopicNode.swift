/// A place in the topic trie: what is left of a binding key behind it decides which edge goes on.
struct TopicNode: ~Copyable {
    /// No node. The root, which no edge leads to, has the number.
    static let none: UInt32 = 0

    /// Where keys go that end here.
    var destinations = IDList()
    /// Behind `*` and behind `#`.
    var starChild = none
    var hashChild = none
    /// How many edges of literal words go out, which lie in the trie's edge table.
    var literalChildCount: UInt32 = 0
    /// The route in which this node, standing behind a `#`, was last reached.
    var reachedInRoute: UInt64 = 0

    /// Whether longer keys pass through.
    var hasChildren: Bool { starChild != Self.none || hashChild != Self.none || literalChildCount > 0 }
    var isUnused: Bool { destinations.isEmpty && !hasChildren }
}
