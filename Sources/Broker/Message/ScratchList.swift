/// A list that is filled and emptied with every message: its memory stays, and emptying it costs nothing.
struct ScratchList<Element: BitwiseCopyable>: ~Copyable {
    private var elements: UnsafeMutablePointer<Element>
    private var capacity = 8
    private(set) var count = 0

    init() { elements = .allocate(capacity: capacity) }

    deinit { elements.deallocate() }

    @inline(__always) var isEmpty: Bool { count == 0 }

    /// Valid until the next change.
    @inline(__always)
    var buffer: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: elements, count: count) }

    @inline(__always)
    subscript(index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return elements[index]
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow() }
        (elements + count).initialize(to: element)
        count += 1
    }

    @inline(__always)
    mutating func removeAll() { count = 0 }

    @inline(never)
    private mutating func grow() {
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        grown.update(from: elements, count: count)
        elements.deallocate()
        elements = grown
        capacity *= 2
    }
}
