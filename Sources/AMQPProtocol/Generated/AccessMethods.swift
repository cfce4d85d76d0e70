// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `access.request`, sent by the client, answered by ``AccessRequestOk``. Asks for an access ticket. A relic of AMQP
/// 0-8 that old clients still send; nothing comes of it.
public struct AccessRequest: AMQPMethod {
    @inlinable public static var id: MethodID { .accessRequest }

    /// What the ticket is for.
    public var realm: String
    public var exclusive: Bool
    public var passive: Bool
    public var active: Bool
    public var write: Bool
    public var read: Bool

    public init(
        realm: String = "/data",
        exclusive: Bool = false,
        passive: Bool = false,
        active: Bool = false,
        write: Bool = false,
        read: Bool = false
    ) {
        self.realm = realm
        self.exclusive = exclusive
        self.passive = passive
        self.active = active
        self.write = write
        self.read = read
    }

    public init(from reader: inout WireReader) throws(WireError) {
        realm = try reader.readShortString()
        let bits = try reader.readUInt8()
        exclusive = bits & 1 << 0 != 0
        passive = bits & 1 << 1 != 0
        active = bits & 1 << 2 != 0
        write = bits & 1 << 3 != 0
        read = bits & 1 << 4 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(realm)
        var bits: UInt8 = 0
        if exclusive { bits |= 1 << 0 }
        if passive { bits |= 1 << 1 }
        if active { bits |= 1 << 2 }
        if write { bits |= 1 << 3 }
        if read { bits |= 1 << 4 }
        buffer.append(bits)
    }
}

/// `access.request-ok`, sent by the server. Hands out a ticket that no later method looks at.
public struct AccessRequestOk: AMQPMethod {
    @inlinable public static var id: MethodID { .accessRequestOk }

    /// RabbitMQ's is always 1.
    public var ticket: UInt16

    public init(ticket: UInt16 = 1) {
        self.ticket = ticket
    }

    public init(from reader: inout WireReader) throws(WireError) {
        ticket = try reader.readUInt16()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(ticket)
    }
}
