/// Growable bytes that frames are encoded into. The memory is kept when the buffer is cleared, so that in steady
/// state nothing is allocated. Owned by one connection (or one encoder); never shared.
public struct WireBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var used: Int

    /// Room for `capacity` bytes from the start.
    public init(capacity: Int = 4096) {
        precondition(capacity > 0)
        self.base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
        self.used = 0
    }

    deinit {
        base.deallocate()
    }

    /// How many bytes have been written.
    @inlinable public var count: Int { used }
    @inlinable public var isEmpty: Bool { used == 0 }

    /// The bytes written so far; valid until the next change.
    @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: used) }

    /// Forgets the content. Memory above `retainedBytesMax` is given back, so that one burst does not pin it.
    public mutating func clear(retainedBytesMax: Int = 1 << 20) {
        precondition(retainedBytesMax > 0)
        used = 0
        guard capacity > retainedBytesMax else { return }
        base.deallocate()
        base = .allocate(byteCount: retainedBytesMax, alignment: 16)
        capacity = retainedBytesMax
    }

    /// Drops everything behind the first `newCount` bytes.
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= used)
        used = newCount
    }

    /// Drops the first `dropped` bytes and moves the rest to the front.
    public mutating func removeFirst(_ dropped: Int) {
        precondition(dropped >= 0 && dropped <= used)
        guard dropped > 0 else { return }
        // Source and destination may overlap; copyMemory allows it.
        base.copyMemory(from: base + dropped, byteCount: used - dropped)
        used -= dropped
    }

    /// Room for `byteCount` more bytes, to be filled whole by the caller at once: the fast path of an encoder that
    /// knows its size.
    @inlinable @inline(__always)
    public mutating func extend(by byteCount: Int) -> UnsafeMutableRawPointer {
        precondition(byteCount >= 0)
        if capacity - used < byteCount { grow(toFit: byteCount) }
        defer { used += byteCount }
        return base + used
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        extend(by: 1).storeBytes(of: byte, as: UInt8.self)
    }

    @inlinable
    public mutating func append(_ value: UInt16) {
        extend(by: 2).storeBytes(of: value.bigEndian, as: UInt16.self)
    }

    @inlinable
    public mutating func append(_ value: UInt32) {
        extend(by: 4).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    @inlinable
    public mutating func append(_ value: UInt64) {
        extend(by: 8).storeBytes(of: value.bigEndian, as: UInt64.self)
    }

    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
    }

    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a short string. Longer than 255 bytes of UTF-8 is cut at a character: only texts for people (reply
    /// texts) can be that long here, names are checked where they come in.
    public mutating func appendShortString(_ text: String) {
        var text = text.utf8.count <= 255 ? text : text.cutToShortString
        text.withUTF8 { appendShortString(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a short string of at most 255 bytes.
    @inlinable
    public mutating func appendShortString(_ bytes: UnsafeRawBufferPointer) {
        append(UInt8(bytes.count))
        append(bytes)
    }

    @inlinable
    public mutating func appendLongString(_ bytes: UnsafeRawBufferPointer) {
        append(UInt32(bytes.count))
        append(bytes)
    }

    @inlinable
    public mutating func appendLongString(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { appendLongString($0) }
    }

    /// Overwrites four bytes written earlier: for sizes known only at the end.
    @inlinable
    public mutating func patch(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= used)
        (base + offset).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    @usableFromInline @inline(never)
    mutating func grow(toFit byteCount: Int) {
        var newCapacity = capacity * 2
        while newCapacity - used < byteCount { newCapacity *= 2 }
        let grown = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        grown.copyMemory(from: base, byteCount: used)
        base.deallocate()
        base = grown
        capacity = newCapacity
    }
}

extension String {
    /// The characters at the front that fit into 255 bytes of UTF-8.
    fileprivate var cutToShortString: String {
        var end = startIndex
        while end < endIndex {
            let next = index(after: end)
            guard utf8.distance(from: startIndex, to: next) <= 255 else { break }
            end = next
        }
        return String(self[..<end])
    }
}
