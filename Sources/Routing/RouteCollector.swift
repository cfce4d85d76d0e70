/// The destinations of one message, each once, in the order they were found. One collector serves every publish of
/// its owner: clearing it costs nothing, and once it has seen the highest id and the longest result it allocates no
/// more. Single-threaded.
///
/// Whether an id is in is told by a stamp per id that equals the current epoch, so nothing is hashed. Memory is
/// four bytes for each id up to the highest one seen, and four for each destination of the longest result.
public struct RouteCollector: ~Copyable {
    @usableFromInline var stamps: UnsafeMutablePointer<UInt32>
    @usableFromInline var stampCapacity: Int
    @usableFromInline var destinations: UnsafeMutablePointer<DestinationID>
    @usableFromInline var destinationCapacity: Int
    @usableFromInline var destinationCount = 0
    @usableFromInline var offered = 0
    @usableFromInline var epoch: UInt32 = 1

    public init() {
        stampCapacity = 64
        stamps = .allocate(capacity: stampCapacity)
        stamps.initialize(repeating: 0, count: stampCapacity)
        destinationCapacity = 16
        destinations = .allocate(capacity: destinationCapacity)
    }

    deinit {
        stamps.deallocate()
        destinations.deallocate()
    }

    /// How many destinations there are.
    @inlinable public var count: Int { destinationCount }
    @inlinable public var isEmpty: Bool { destinationCount == 0 }

    /// How many destinations were offered since the last ``clear()``, those that were in already included: tells a
    /// router that matched nothing from one that matched what others had found.
    @inlinable public var offeredCount: Int { offered }

    /// The destination at that place, which must be below ``count``.
    @inlinable
    public subscript(position: Int) -> DestinationID {
        precondition(position >= 0 && position < count)
        return destinations[position]
    }

    /// Forgets all destinations.
    @inlinable
    public mutating func clear() {
        destinationCount = 0
        offered = 0
        epoch &+= 1
        if epoch == 0 { restartEpochs() }
    }

    /// Adds a destination; false if it was in already.
    @inlinable
    @discardableResult
    public mutating func insert(_ id: DestinationID) -> Bool {
        offered += 1
        let index = Int(id.rawValue)
        if index >= stampCapacity { growStamps(toHold: index) }
        guard stamps[index] != epoch else { return false }
        stamps[index] = epoch
        if destinationCount == destinationCapacity { growDestinations() }
        (destinations + destinationCount).initialize(to: id)
        destinationCount += 1
        return true
    }

    /// After 2^32 - 1 clearings stamps of the first epochs would look fresh again.
    @inline(never)
    @usableFromInline
    mutating func restartEpochs() {
        stamps.update(repeating: 0, count: stampCapacity)
        epoch = 1
    }

    @inline(never)
    @usableFromInline
    mutating func growStamps(toHold index: Int) {
        let newCapacity = Swift.max(index + 1, stampCapacity * 2)
        let grown = UnsafeMutablePointer<UInt32>.allocate(capacity: newCapacity)
        grown.moveInitialize(from: stamps, count: stampCapacity)
        (grown + stampCapacity).initialize(repeating: 0, count: newCapacity - stampCapacity)
        stamps.deallocate()
        stamps = grown
        stampCapacity = newCapacity
    }

    @inline(never)
    @usableFromInline
    mutating func growDestinations() {
        let grown = UnsafeMutablePointer<DestinationID>.allocate(capacity: destinationCapacity * 2)
        grown.moveInitialize(from: destinations, count: count)
        destinations.deallocate()
        destinations = grown
        destinationCapacity *= 2
    }
}
