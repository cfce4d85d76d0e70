// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `confirm.select`, sent by the client, answered by ``ConfirmSelectOk``. RabbitMQ's extension: from now on each
/// publish on the channel is confirmed.
public struct ConfirmSelect: AMQPMethod {
    @inlinable public static var id: MethodID { .confirmSelect }

    /// No answer is wanted.
    public var noWait: Bool

    public init(noWait: Bool = false) {
        self.noWait = noWait
    }

    public init(from reader: inout WireReader) throws(WireError) {
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `confirm.select-ok`, sent by the server. The channel confirms publishes.
public struct ConfirmSelectOk: AMQPMethod {
    @inlinable public static var id: MethodID { .confirmSelectOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
