/// The arguments of basic.nack.
public struct NackView {
    public let deliveryTag: UInt64
    public let multiple: Bool
    public let requeue: Bool

    /// Reads what stands behind the ids in a method frame, to its end.
    @inlinable
    public init(decoding arguments: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(arguments)
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        multiple = bits & 1 != 0
        requeue = bits & 2 != 0
        guard reader.isAtEnd else { throw .trailingBytes }
    }
}
