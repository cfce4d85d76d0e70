/// The seven octets in front of a frame's payload.
public struct FrameHeader: Equatable, Sendable {
    /// As it came; ``type`` says whether it is one of the protocol's.
    public let typeOctet: UInt8
    public let channel: UInt16
    /// In bytes, up to 2^32 - 1: to be compared with the negotiated frame-max before a payload is waited for.
    public let payloadSize: Int

    /// Looks at the front of the bytes without consuming them; `nil` if fewer than seven are there.
    @inlinable
    public init?(peeking bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Frame.headerSize else { return nil }
        typeOctet = bytes.loadUnaligned(as: UInt8.self)
        channel = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt16.self))
        payloadSize = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 3, as: UInt32.self)))
    }

    /// `nil` if the protocol has no such type.
    @inlinable @inline(__always) public var type: FrameType? { FrameType(rawValue: typeOctet) }

    /// The whole frame in bytes, end octet included.
    @inlinable public var frameSize: Int { payloadSize + Frame.overhead }
}
