/// What every frame has in common (AMQP 0-9-1, section 4.2.3): a header of seven octets, the payload, and an octet that
/// ends it.
public enum Frame {
    /// The last octet.
    public static let end: UInt8 = 0xCE
    /// Octets of the header: type, channel and payload size.
    public static let headerSize = 7
    /// Octets around the payload: the header and the end.
    public static let overhead = 8
    /// The smallest frame-max that peers may agree on, in bytes, overhead included.
    public static let minSize = 4096
    /// What a client sends first: `AMQP`, 0, and the version.
    public static let protocolHeader: [UInt8] = [0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1]
}
