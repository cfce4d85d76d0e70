/// Collects a checkpoint's content: little-endian numbers, one behind the other.
public struct CheckpointEncoder {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
    }
}
