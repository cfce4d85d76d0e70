/// Elements with consecutive numbers, of which old ones go and new ones come: a ring that grows. Looking one up is
/// one addition and one mask; nothing is checked but the range, nothing is allocated except to grow.
struct SlidingTable<Element: BitwiseCopyable>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private var mask: Int
    /// The number of the oldest element.
    private(set) var first: Int
    /// One more than the number of the newest.
    private(set) var end: Int

    init(first: Int, capacity: Int = 16) {
        precondition(capacity.nonzeroBitCount == 1)
        storage = .allocate(capacity: capacity)
        mask = capacity - 1
        self.first = first
        end = first
    }

    deinit {
        storage.deallocate()
    }

    var count: Int { end - first }

    /// The element's address, valid until the next `append`.
    @inline(__always)
    subscript(number: Int) -> UnsafeMutablePointer<Element> {
        precondition(UInt(bitPattern: number &- first) < UInt(bitPattern: end &- first), "no longer in the log")
        return storage + (number & mask)
    }

    mutating func append(_ element: Element) {
        if count > mask { grow() }
        (storage + (end & mask)).initialize(to: element)
        end += 1
    }

    mutating func removeFirst() {
        precondition(count > 0)
        first += 1
    }

    mutating func removeLast() {
        precondition(count > 0)
        end -= 1
    }

    /// Puts elements in front, down to that number.
    mutating func extendDown(to number: Int, with element: Element) {
        precondition(number <= first)
        while end - number > mask + 1 { grow() }
        for number in number..<first { (storage + (number & mask)).initialize(to: element) }
        first = number
    }

    private mutating func grow() {
        let newMask = mask * 2 + 1
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: newMask + 1)
        for number in first..<end {
            (grown + (number & newMask)).initialize(to: storage[number & mask])
        }
        storage.deallocate()
        storage = grown
        mask = newMask
    }
}
