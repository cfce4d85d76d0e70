/// A1out: the keys of pages that left A1in, without the pages. The oldest goes when the pages would exceed
/// `byteCountMax`.
///
/// A hash table with chains, and a list in the order of arrival, both linked by index in one array of nodes: adding and
/// taking out are O(1), and once the array has grown to what the budget holds, nothing is allocated.
struct PageCacheGhosts {
    private struct Node: BitwiseCopyable {
        var key: UInt64
        var byteCount: UInt32
        /// In the chain of its bucket; in the list of free nodes if it is free.
        var next: Int32
        var younger: Int32
        var older: Int32
        var claim: EvictionClaim
    }

    var byteCountMax: Int {
        didSet { trim() }
    }
    private(set) var byteCount = 0
    private(set) var count = 0
    private var nodes: [Node] = []
    /// First nodes of the chains; a power of two of them, at least as many as nodes.
    private var buckets: [Int32]
    private var firstFree: Int32 = -1
    private var youngest: Int32 = -1
    private var oldest: Int32 = -1

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        buckets = Array(repeating: -1, count: 64)
    }

    /// Remembers a page. It must not be there.
    mutating func insert(key: UInt64, byteCount: Int, claim: EvictionClaim) {
        let bucket = bucket(of: key)
        let node = Node(
            key: key, byteCount: UInt32(byteCount), next: buckets[bucket], younger: -1, older: youngest, claim: claim)
        let number = place(node)
        buckets[bucket] = number
        if youngest >= 0 { nodes[Int(youngest)].younger = number } else { oldest = number }
        youngest = number
        count += 1
        self.byteCount += byteCount
        if count > buckets.count { growBuckets() }
        trim()
    }

    /// Takes a key out, and returns what stood against its page; nil if it is not there.
    mutating func remove(key: UInt64) -> EvictionClaim? {
        let bucket = bucket(of: key)
        var number = buckets[bucket]
        var previous: Int32 = -1
        while number >= 0, nodes[Int(number)].key != key {
            previous = number
            number = nodes[Int(number)].next
        }
        guard number >= 0 else { return nil }
        let node = nodes[Int(number)]
        if previous >= 0 { nodes[Int(previous)].next = node.next } else { buckets[bucket] = node.next }
        if node.younger >= 0 { nodes[Int(node.younger)].older = node.older } else { youngest = node.older }
        if node.older >= 0 { nodes[Int(node.older)].younger = node.younger } else { oldest = node.younger }
        nodes[Int(number)].next = firstFree
        firstFree = number
        count -= 1
        byteCount -= Int(node.byteCount)
        return node.claim
    }

    private mutating func trim() {
        while byteCount > byteCountMax, oldest >= 0 {
            _ = remove(key: nodes[Int(oldest)].key)
        }
    }

    private mutating func place(_ node: Node) -> Int32 {
        guard firstFree >= 0 else {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        let number = firstFree
        firstFree = nodes[Int(number)].next
        nodes[Int(number)] = node
        return number
    }

    private func bucket(of key: UInt64) -> Int {
        // Fibonacci hashing: keys are often consecutive page numbers, or multiples of a page size.
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (buckets.count - 1)
    }

    private mutating func growBuckets() {
        buckets = Array(repeating: -1, count: buckets.count * 2)
        var number = oldest
        while number >= 0 {
            let index = Int(number)
            let bucket = bucket(of: nodes[index].key)
            nodes[index].next = buckets[bucket]
            buckets[bucket] = number
            number = nodes[index].younger
        }
    }
}
