/// The binding keys of a topic exchange as a trie over words, and the walk that finds all keys that match.
///
/// The walk goes through the routing key once and carries the set of nodes reached so far. A node is reached from
/// its one parent, so it cannot stand in the set twice; a node behind `#` stays in it to the end once it is reached,
/// which is noted in the node. So the work is at most words × nodes, whatever the number of `#`, and with the keys
/// that people use a few nodes a word.
///
/// Literal words are numbered: a routing key's word is hashed once, and not at all looked for under each node if no
/// binding has it.
struct TopicTrie: ~Copyable {
    private enum Step {
        case star
        case hash
        case literal
    }

    private static let root = TopicNode.none

    private var nodes = Pool<TopicNode>()
    private var words = ByteTable<TopicWord>()
    private var lastWordNumber: UInt64 = 0
    /// From parent node and word number to child node.
    private var edges = ByteTable<UInt32>()

    private var routeNumber: UInt64 = 0
    /// Nodes reached by exactly the words read so far, and those that the next word reaches.
    private var reached = IDList()
    private var reachedNext = IDList()
    /// Nodes behind a `#` that have been reached and that longer keys pass through.
    private var open = IDList()
    /// How often the last route looked at a node: its work.
    private(set) var visitCount = 0

    init() {
        let root = nodes.insert(TopicNode())
        precondition(root == Self.root)
    }

    /// How many nodes there are; without bindings only the root is left.
    var nodeCount: Int { nodes.count }
    /// How many different words the bindings have.
    var wordCount: Int { words.count }

    mutating func insert(_ key: UnsafeRawBufferPointer, destination: UInt32) {
        var node = Self.root
        for word in TopicWords(key) {
            let child = child(of: node, word: word)
            node = child != TopicNode.none ? child : addChild(of: node, word: word)
        }
        nodes[node].pointee.destinations.append(destination)
    }

    /// Removes what was inserted, and the nodes and words that nothing else needs.
    mutating func remove(_ key: UnsafeRawBufferPointer, destination: UInt32) {
        var path: [(parent: UInt32, word: UnsafeRawBufferPointer)] = []
        var node = Self.root
        for word in TopicWords(key) {
            path.append((node, word))
            node = child(of: node, word: word)
            precondition(node != TopicNode.none, "unbound what was not bound")
        }
        let wasBound = nodes[node].pointee.destinations.remove(destination)
        precondition(wasBound, "unbound what was not bound")
        while let (parent, word) = path.popLast(), nodes[node].pointee.isUnused {
            removeChild(node, of: parent, word: word)
            node = parent
        }
    }

    /// Inserts the destinations of all keys that match.
    mutating func match(_ key: UnsafeRawBufferPointer, into collector: inout RouteCollector) {
        routeNumber += 1
        visitCount = 0
        open.removeAllKeepingCapacity()
        reachedNext.removeAllKeepingCapacity()
        reach(Self.root, into: &collector)
        for word in TopicWords(key) {
            swap(&reached, &reachedNext)
            reachedNext.removeAllKeepingCapacity()
            let number = words.value(for: word)?.number
            // Those behind a `#` that this word itself opens read on with the next one.
            let openCount = Int(open.count)
            for position in 0..<Int(reached.count) {
                step(from: reached[position], wordNumber: number, into: &collector)
            }
            for position in 0..<openCount {
                step(from: open[position], wordNumber: number, into: &collector)
            }
        }
        for position in 0..<Int(reachedNext.count) {
            nodes[reachedNext[position]].pointee.destinations.insert(into: &collector)
        }
    }
}

extension TopicTrie {
    private mutating func step(from node: UInt32, wordNumber: UInt64?, into collector: inout RouteCollector) {
        visitCount += 1
        let starChild = nodes[node].pointee.starChild
        if starChild != TopicNode.none { reach(starChild, into: &collector) }
        guard let wordNumber, nodes[node].pointee.literalChildCount > 0 else { return }
        let child = literalChild(of: node, wordNumber: wordNumber)
        if child != TopicNode.none { reach(child, into: &collector) }
    }

    /// Notes a node that the words read so far lead to, and what is behind a `#` there: those nodes match at once,
    /// since their `#` takes any rest.
    private mutating func reach(_ node: UInt32, into collector: inout RouteCollector) {
        reachedNext.append(node)
        var behindHash = nodes[node].pointee.hashChild
        while behindHash != TopicNode.none, nodes[behindHash].pointee.reachedInRoute != routeNumber {
            visitCount += 1
            let found = nodes[behindHash]
            found.pointee.reachedInRoute = routeNumber
            found.pointee.destinations.insert(into: &collector)
            if found.pointee.hasChildren { open.append(behindHash) }
            behindHash = found.pointee.hashChild
        }
    }

    private static func step(for word: UnsafeRawBufferPointer) -> Step {
        guard word.count == 1 else { return .literal }
        return switch word[0] {
        case UInt8(ascii: "*"): .star
        case UInt8(ascii: "#"): .hash
        default: .literal
        }
    }

    private static func withEdgeKey<Result>(
        parent: UInt32, wordNumber: UInt64, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeBytes(of: (wordNumber, UInt64(parent)), body)
    }

    private func literalChild(of node: UInt32, wordNumber: UInt64) -> UInt32 {
        Self.withEdgeKey(parent: node, wordNumber: wordNumber) { edges.value(for: $0) ?? TopicNode.none }
    }

    private func child(of node: UInt32, word: UnsafeRawBufferPointer) -> UInt32 {
        switch Self.step(for: word) {
        case .star:
            return nodes[node].pointee.starChild
        case .hash:
            return nodes[node].pointee.hashChild
        case .literal:
            guard let word = words.value(for: word) else { return TopicNode.none }
            return literalChild(of: node, wordNumber: word.number)
        }
    }

    private mutating func addChild(of parent: UInt32, word: UnsafeRawBufferPointer) -> UInt32 {
        let child = nodes.insert(TopicNode())
        switch Self.step(for: word) {
        case .star:
            nodes[parent].pointee.starChild = child
        case .hash:
            nodes[parent].pointee.hashChild = child
        case .literal:
            lastWordNumber += 1
            let number = words.withValue(for: word, default: TopicWord(number: lastWordNumber, edgeCount: 0)) {
                $0.edgeCount += 1
                return $0.number
            }
            let isNew = Self.withEdgeKey(parent: parent, wordNumber: number) { edges.insert(child, for: $0) }
            precondition(isNew)
            nodes[parent].pointee.literalChildCount += 1
        }
        return child
    }

    private mutating func removeChild(_ child: UInt32, of parent: UInt32, word: UnsafeRawBufferPointer) {
        switch Self.step(for: word) {
        case .star:
            nodes[parent].pointee.starChild = TopicNode.none
        case .hash:
            nodes[parent].pointee.hashChild = TopicNode.none
        case .literal:
            guard var entry = words.value(for: word) else { preconditionFailure("an edge's word is not there") }
            Self.withEdgeKey(parent: parent, wordNumber: entry.number) { _ = edges.remove($0) }
            nodes[parent].pointee.literalChildCount -= 1
            entry.edgeCount -= 1
            if entry.edgeCount > 0 { words.update(entry, for: word) } else { words.remove(word) }
        }
        nodes.remove(child)
    }
}
