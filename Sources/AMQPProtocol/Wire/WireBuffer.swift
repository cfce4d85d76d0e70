/// Growable bytes that frames are encoded into. The memory is kept when the buffer is cleared, so that in steady
/// state nothing is allocated. Owned by one connection (or one encoder); never shared.
public struct WireBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// How many bytes have been written.
    public private(set) var count: Int

    public init(capacity: Int = 4096) {
        precondition(capacity > 0)
        self.base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
        self.count = 0
    }

    deinit {
        base.deallocate()
    }

    public var isEmpty: Bool { count == 0 }

    /// The bytes written so far; valid until the next change.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Forgets the content. Memory above `retainedBytesMax` is given back, so that one burst does not pin it.
    public mutating func clear(retainedBytesMax: Int = 1 << 20) {
        count = 0
        guard capacity > retainedBytesMax else { return }
        base.deallocate()
        base = .allocate(byteCount: retainedBytesMax, alignment: 16)
        capacity = retainedBytesMax
    }

    /// Drops everything behind the first `newCount` bytes.
    public mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    /// Drops the first `dropped` bytes and moves the rest to the front.
    public mutating func removeFirst(_ dropped: Int) {
        precondition(dropped >= 0 && dropped <= count)
        guard dropped > 0 else { return }
        (base).copyMemory(from: base + dropped, byteCount: count - dropped)
        count -= dropped
    }

    /// Room for `byteCount` more bytes, to be filled whole by the caller at once: the fast path of an encoder that
    /// knows its size.
    @inline(__always)
    public mutating func extend(by byteCount: Int) -> UnsafeMutableRawPointer {
        if capacity - count < byteCount { grow(toFit: byteCount) }
        defer { count += byteCount }
        return base + count
    }

    public mutating func append(_ byte: UInt8) {
        extend(by: 1).storeBytes(of: byte, as: UInt8.self)
    }

    public mutating func append(_ value: UInt16) {
        extend(by: 2).storeBytes(of: value.bigEndian, as: UInt16.self)
    }

    public mutating func append(_ value: UInt32) {
        extend(by: 4).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    public mutating func append(_ value: UInt64) {
        extend(by: 8).storeBytes(of: value.bigEndian, as: UInt64.self)
    }

    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        extend(by: bytes.count).copyMemory(from: source, byteCount: bytes.count)
    }

    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a short string. Longer than 255 bytes of UTF-8 is cut at a character: only texts for people (reply
    /// texts) can be that long here, names are checked where they come in.
    public mutating func appendShortString(_ text: String) {
        var text = text
        if text.utf8.count > 255 {
            while text.utf8.count > 255 { text.removeLast() }
        }
        text.withUTF8 { utf8 in
            append(UInt8(utf8.count))
            append(UnsafeRawBufferPointer(utf8))
        }
    }

    public mutating func appendShortString(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= 255)
        append(UInt8(bytes.count))
        append(bytes)
    }

    public mutating func appendLongString(_ bytes: UnsafeRawBufferPointer) {
        append(UInt32(bytes.count))
        append(bytes)
    }

    /// Overwrites four bytes written earlier: for sizes known only at the end.
    public mutating func patch(_ value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        (base + offset).storeBytes(of: value.bigEndian, as: UInt32.self)
    }

    @inline(never)
    private mutating func grow(toFit byteCount: Int) {
        var newCapacity = capacity * 2
        while newCapacity - count < byteCount { newCapacity *= 2 }
        let grown = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        grown.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = grown
        capacity = newCapacity
    }
}
