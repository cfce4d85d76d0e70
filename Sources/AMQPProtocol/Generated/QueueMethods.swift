// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `queue.declare`, sent by the client, answered by ``QueueDeclareOk``. Creates a queue, or checks that it is there as
/// described.
public struct QueueDeclare: AMQPMethod {
    @inlinable public static var id: MethodID { .queueDeclare }

    /// Its name; empty lets the server make one up.
    public var queue: String
    /// Only check that it exists.
    public var passive: Bool
    /// It outlives a restart of the server.
    public var durable: Bool
    /// Only this connection may use it, and it goes when the connection goes.
    public var exclusive: Bool
    /// It goes when its last consumer goes.
    public var autoDelete: Bool
    /// No answer is wanted.
    public var noWait: Bool
    /// Settings such as `x-message-ttl`.
    public var arguments: FieldTable

    public init(
        queue: String = "",
        passive: Bool = false,
        durable: Bool = false,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.passive = passive
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        let bits = try reader.readUInt8()
        passive = bits & 1 << 0 != 0
        durable = bits & 1 << 1 != 0
        exclusive = bits & 1 << 2 != 0
        autoDelete = bits & 1 << 3 != 0
        noWait = bits & 1 << 4 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        var bits: UInt8 = 0
        if passive { bits |= 1 << 0 }
        if durable { bits |= 1 << 1 }
        if exclusive { bits |= 1 << 2 }
        if autoDelete { bits |= 1 << 3 }
        if noWait { bits |= 1 << 4 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `queue.declare-ok`, sent by the server. The queue is there.
public struct QueueDeclareOk: AMQPMethod {
    @inlinable public static var id: MethodID { .queueDeclareOk }

    /// Its name.
    public var queue: String
    /// Messages that are ready.
    public var messageCount: UInt32
    /// Consumers.
    public var consumerCount: UInt32

    public init(queue: String, messageCount: UInt32 = 0, consumerCount: UInt32 = 0) {
        self.queue = queue
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }

    public init(from reader: inout WireReader) throws(WireError) {
        queue = try reader.readShortString()
        messageCount = try reader.readUInt32()
        consumerCount = try reader.readUInt32()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(queue)
        buffer.append(messageCount)
        buffer.append(consumerCount)
    }
}

/// `queue.bind`, sent by the client, answered by ``QueueBindOk``. Lets an exchange feed a queue.
public struct QueueBind: AMQPMethod {
    @inlinable public static var id: MethodID { .queueBind }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// The exchange.
    public var exchange: String
    /// What the exchange's type compares with.
    public var routingKey: String
    /// No answer is wanted.
    public var noWait: Bool
    /// What a headers exchange compares with.
    public var arguments: FieldTable

    public init(
        queue: String = "",
        exchange: String,
        routingKey: String = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `queue.bind-ok`, sent by the server. The binding is there.
public struct QueueBindOk: AMQPMethod {
    @inlinable public static var id: MethodID { .queueBindOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `queue.purge`, sent by the client, answered by ``QueuePurgeOk``. Drops all ready messages of a queue.
public struct QueuePurge: AMQPMethod {
    @inlinable public static var id: MethodID { .queuePurge }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// No answer is wanted.
    public var noWait: Bool

    public init(queue: String = "", noWait: Bool = false) {
        self.queue = queue
        self.noWait = noWait
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `queue.purge-ok`, sent by the server. The messages are gone.
public struct QueuePurgeOk: AMQPMethod {
    @inlinable public static var id: MethodID { .queuePurgeOk }

    /// How many there were.
    public var messageCount: UInt32

    public init(messageCount: UInt32) {
        self.messageCount = messageCount
    }

    public init(from reader: inout WireReader) throws(WireError) {
        messageCount = try reader.readUInt32()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(messageCount)
    }
}

/// `queue.delete`, sent by the client, answered by ``QueueDeleteOk``. Deletes a queue with its messages and bindings.
public struct QueueDelete: AMQPMethod {
    @inlinable public static var id: MethodID { .queueDelete }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// Only if it has no consumers.
    public var ifUnused: Bool
    /// Only if it has no messages.
    public var ifEmpty: Bool
    /// No answer is wanted.
    public var noWait: Bool

    public init(queue: String = "", ifUnused: Bool = false, ifEmpty: Bool = false, noWait: Bool = false) {
        self.queue = queue
        self.ifUnused = ifUnused
        self.ifEmpty = ifEmpty
        self.noWait = noWait
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        let bits = try reader.readUInt8()
        ifUnused = bits & 1 << 0 != 0
        ifEmpty = bits & 1 << 1 != 0
        noWait = bits & 1 << 2 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        var bits: UInt8 = 0
        if ifUnused { bits |= 1 << 0 }
        if ifEmpty { bits |= 1 << 1 }
        if noWait { bits |= 1 << 2 }
        buffer.append(bits)
    }
}

/// `queue.delete-ok`, sent by the server. The queue is gone.
public struct QueueDeleteOk: AMQPMethod {
    @inlinable public static var id: MethodID { .queueDeleteOk }

    /// How many messages went with it.
    public var messageCount: UInt32

    public init(messageCount: UInt32) {
        self.messageCount = messageCount
    }

    public init(from reader: inout WireReader) throws(WireError) {
        messageCount = try reader.readUInt32()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(messageCount)
    }
}

/// `queue.unbind`, sent by the client, answered by ``QueueUnbindOk``. Removes a binding of a queue. There is no way to
/// decline the answer.
public struct QueueUnbind: AMQPMethod {
    @inlinable public static var id: MethodID { .queueUnbind }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// The exchange.
    public var exchange: String
    /// The binding's key.
    public var routingKey: String
    /// The binding's arguments, the same as when it was made.
    public var arguments: FieldTable

    public init(queue: String = "", exchange: String, routingKey: String = "", arguments: FieldTable = [:]) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
        arguments.encode(into: &buffer)
    }
}

/// `queue.unbind-ok`, sent by the server. The binding is gone.
public struct QueueUnbindOk: AMQPMethod {
    @inlinable public static var id: MethodID { .queueUnbindOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
