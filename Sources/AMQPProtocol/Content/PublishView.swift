/// The arguments of basic.publish read in place; nothing is copied or allocated, so it must not outlive the bytes.
public struct PublishView {
    public let exchange: UnsafeRawBufferPointer
    public let routingKey: UnsafeRawBufferPointer
    public let mandatory: Bool
    public let immediate: Bool

    /// Reads what stands behind the ids in a method frame, to its end. The names may be any bytes.
    @inlinable
    public init(decoding arguments: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(arguments)
        try reader.skip(2)
        exchange = try reader.readShortStringBytes()
        routingKey = try reader.readShortStringBytes()
        let bits = try reader.readUInt8()
        mandatory = bits & 1 != 0
        immediate = bits & 2 != 0
        guard reader.isAtEnd else { throw .trailingBytes }
    }
}
