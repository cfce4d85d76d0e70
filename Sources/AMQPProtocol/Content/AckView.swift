/// The arguments of basic.ack.
public struct AckView {
    public let deliveryTag: UInt64
    public let multiple: Bool

    /// Reads what stands behind the ids in a method frame, to its end.
    @inlinable
    public init(decoding arguments: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(arguments)
        deliveryTag = try reader.readUInt64()
        multiple = try reader.readUInt8() & 1 != 0
        guard reader.isAtEnd else { throw .trailingBytes }
    }
}
