/// The key of an entry in a `ByteTable`: up to 20 bytes lie in place, longer ones in memory of its own.
@usableFromInline
struct ByteKey: ~Copyable {
    @usableFromInline static let inlineByteMax = 20

    /// The bytes themselves, or in the first element the address of them. First of the properties, since
    /// `bytes(at:)` takes the key's address for theirs.
    @usableFromInline var storage: (UInt64, UInt64, UInt32) = (0, 0, 0)
    @usableFromInline let count: UInt32

    @usableFromInline
    init(copying bytes: UnsafeRawBufferPointer) {
        count = UInt32(bytes.count)
        if bytes.count <= Self.inlineByteMax {
            Swift.withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
        } else {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyMemory(from: bytes)
            storage.0 = UInt64(UInt(bitPattern: copy.baseAddress))
        }
    }

    @inlinable
    deinit {
        if count > Self.inlineByteMax { Self.address(storage.0).deallocate() }
    }

    /// The bytes of a key that stays where it is while they are used.
    @inlinable
    static func bytes(at key: UnsafePointer<ByteKey>) -> UnsafeRawBufferPointer {
        let count = Int(key.pointee.count)
        let start = count <= inlineByteMax ? UnsafeRawPointer(key) : address(key.pointee.storage.0)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    @inlinable
    static func address(_ bits: UInt64) -> UnsafeRawPointer {
        // Only ever made from the address of an allocation, which is not null.
        UnsafeRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
    }
}
