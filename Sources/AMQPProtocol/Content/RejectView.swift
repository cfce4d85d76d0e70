/// The arguments of basic.reject.
public struct RejectView {
    public let deliveryTag: UInt64
    public let requeue: Bool

    /// Reads what stands behind the ids in a method frame, to its end.
    @inlinable
    public init(decoding arguments: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(arguments)
        deliveryTag = try reader.readUInt64()
        requeue = try reader.readUInt8() & 1 != 0
        guard reader.isAtEnd else { throw .trailingBytes }
    }
}
