/// Reads what `CheckpointEncoder` wrote. The bytes' checksum has been verified, so what does not fit was written by
/// something else: the checkpoint is then not used.
public struct CheckpointDecoder {
    /// There is less than was asked for, or a number that can't be.
    public struct Malformed: Error {
        public init() {}
    }

    private let bytes: [UInt8]
    private var offset = 0

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public var isAtEnd: Bool { offset == bytes.count }

    public mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(Malformed) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytes.count - offset >= size else { throw Malformed() }
        defer { offset += size }
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }

    /// A count of things that take at least `byteCount` bytes each.
    public mutating func readCount(of byteCount: Int) throws(Malformed) -> Int {
        let count = try read(UInt64.self)
        guard count <= UInt64(bytes.count - offset) / UInt64(max(1, byteCount)) else { throw Malformed() }
        return Int(count)
    }

    /// The next bytes, as they are.
    public mutating func readBytes(into buffer: UnsafeMutableRawBufferPointer) throws(Malformed) {
        guard bytes.count - offset >= buffer.count else { throw Malformed() }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
        }
        offset += buffer.count
    }
}
