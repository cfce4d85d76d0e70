/// An unordered list of 32-bit numbers (destinations, trie nodes, predicates), in which one may stand several times.
/// Takes 16 bytes; up to two numbers lie in place, more in memory of its own, so that the common case of one queue
/// per key costs no allocation and no look at other memory.
struct IDList: ~Copyable {
    private static let inlineMax: UInt32 = 2

    private(set) var count: UInt32 = 0
    private var capacity: UInt32 = inlineMax
    /// Two numbers, the first in the lower half, or the address of `capacity` of them.
    private var storage: UInt64 = 0

    init() {}

    deinit {
        if capacity > Self.inlineMax { elements.deallocate() }
    }

    var isEmpty: Bool { count == 0 }

    /// Only if the numbers lie outside; `storage` is then the address of an allocation, which is not null.
    private var elements: UnsafeMutablePointer<UInt32> {
        UnsafeMutablePointer(bitPattern: UInt(storage)).unsafelyUnwrapped
    }

    subscript(position: Int) -> UInt32 {
        precondition(position >= 0 && position < count)
        return capacity == Self.inlineMax
            ? UInt32(truncatingIfNeeded: storage >> (UInt64(position) * 32)) : elements[position]
    }

    mutating func append(_ id: UInt32) {
        if count == capacity { resize(toCapacity: capacity * 2) }
        put(id, at: count)
        count += 1
    }

    /// Takes `id` out once, whose place the last one takes; false if it is not in.
    @discardableResult
    mutating func remove(_ id: UInt32) -> Bool {
        guard let position = firstPosition(of: id) else { return false }
        put(self[Int(count) - 1], at: position)
        count -= 1
        if capacity > Self.inlineMax, count <= capacity / 4 { resize(toCapacity: capacity / 2) }
        return true
    }

    mutating func removeAllKeepingCapacity() {
        count = 0
    }

    /// Inserts all numbers as destinations.
    func insert(into collector: inout RouteCollector) {
        if capacity > Self.inlineMax {
            for position in 0..<Int(count) {
                collector.insert(DestinationID(rawValue: elements[position]))
            }
        } else {
            if count > 0 { collector.insert(DestinationID(rawValue: UInt32(truncatingIfNeeded: storage))) }
            if count > 1 { collector.insert(DestinationID(rawValue: UInt32(truncatingIfNeeded: storage >> 32))) }
        }
    }

    private func firstPosition(of id: UInt32) -> UInt32? {
        for position in 0..<Int(count) where self[position] == id {
            return UInt32(position)
        }
        return nil
    }

    private mutating func put(_ id: UInt32, at position: UInt32) {
        if capacity > Self.inlineMax {
            elements[Int(position)] = id
        } else {
            let shift = UInt64(position) * 32
            storage = storage & ~(0xFFFF_FFFF << shift) | UInt64(id) << shift
        }
    }

    private mutating func resize(toCapacity newCapacity: UInt32) {
        var resized = IDList()
        resized.capacity = newCapacity
        if newCapacity > Self.inlineMax {
            let allocated = UnsafeMutablePointer<UInt32>.allocate(capacity: Int(newCapacity))
            allocated.initialize(repeating: 0, count: Int(newCapacity))
            resized.storage = UInt64(UInt(bitPattern: allocated))
        }
        for position in 0..<Int(count) {
            resized.put(self[position], at: UInt32(position))
        }
        resized.count = count
        self = resized
    }
}
