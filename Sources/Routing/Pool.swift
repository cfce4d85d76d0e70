/// Elements told apart by small numbers, which are reused. Pointers to elements stay valid until the next insert.
struct Pool<Element: ~Copyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    /// Ids below this have been handed out at some time.
    private var used = 0
    /// Of those, the ones that hold no element now.
    private var free: [UInt32] = []

    init() {
        capacity = 8
        base = .allocate(capacity: capacity)
    }

    deinit {
        let free = Set(free)
        for id in 0..<used where !free.contains(UInt32(id)) {
            (base + id).deinitialize(count: 1)
        }
        base.deallocate()
    }

    var count: Int { used - free.count }

    /// The element of an id that is in use.
    subscript(id: UInt32) -> UnsafeMutablePointer<Element> {
        precondition(id < used)
        return base + Int(id)
    }

    mutating func insert(_ element: consuming Element) -> UInt32 {
        if let id = free.popLast() {
            (base + Int(id)).initialize(to: element)
            return id
        }
        if used == capacity { grow() }
        (base + used).initialize(to: element)
        used += 1
        return UInt32(used - 1)
    }

    mutating func remove(_ id: UInt32) {
        precondition(id < used)
        (base + Int(id)).deinitialize(count: 1)
        free.append(id)
    }

    private mutating func grow() {
        let grown = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        grown.moveInitialize(from: base, count: used)
        base.deallocate()
        base = grown
        capacity *= 2
    }
}
