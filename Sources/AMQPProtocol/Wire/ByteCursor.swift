/// Writes numbers (big endian) and bytes one behind the other into memory that has been sized for them, unchecked: the caller knows the size.
///
/// What is mostly a few bytes long, names and property lists, is copied in place: a call of memcpy would cost more.
@frozen
public struct ByteCursor {
    @usableFromInline var address: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    public init(_ address: UnsafeMutableRawPointer) { self.address = address }

    @inlinable @inline(__always)
    public mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
        address.storeBytes(of: value.bigEndian, as: Number.self)
        address += MemoryLayout<Number>.size
    }

    /// The first `count` bytes of a number: what is stored behind them belongs to whatever is put next, which has to come.
    @inlinable @inline(__always)
    mutating func putFirst(_ count: Int, of value: UInt64) {
        address.storeBytes(of: value.bigEndian, as: UInt64.self)
        address += count
    }

    @inlinable @inline(__always)
    public mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        address.copyMemory(from: source, byteCount: bytes.count)
        address += bytes.count
    }

    /// The same for what is mostly up to 32 bytes long.
    @inlinable @inline(__always)
    public mutating func putShort(_ bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        guard count > 0, let source = bytes.baseAddress else { return }
        // Two words that overlap cover any length from one of them to two.
        switch count {
        case 8...16: copyEnds(source, count, as: UInt64.self)
        case 4..<8: copyEnds(source, count, as: UInt32.self)
        case 2..<4: copyEnds(source, count, as: UInt16.self)
        case 1: address.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
        case 17...32: copyEnds(source, count, as: SIMD2<UInt64>.self)
        default: address.copyMemory(from: source, byteCount: count)
        }
        address += count
    }

    @inlinable @inline(__always)
    func copyEnds<Word: BitwiseCopyable>(_ source: UnsafeRawPointer, _ count: Int, as type: Word.Type) {
        let size = MemoryLayout<Word>.size
        let first = source.loadUnaligned(as: type)
        let last = source.loadUnaligned(fromByteOffset: count - size, as: type)
        address.storeBytes(of: first, as: type)
        address.storeBytes(of: last, toByteOffset: count - size, as: type)
    }
}
