// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `exchange.declare`, sent by the client, answered by ``ExchangeDeclareOk``. Creates an exchange, or checks that it is
/// there as described.
public struct ExchangeDeclare: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeDeclare }

    /// Its name.
    public var exchange: String
    /// Its type: direct, fanout, topic, headers, or one that a plugin adds.
    public var type: String
    /// Only check that it exists.
    public var passive: Bool
    /// It outlives a restart of the server.
    public var durable: Bool
    /// It goes when its last binding goes. RabbitMQ's extension (reserved in 0-9-1).
    public var autoDelete: Bool
    /// Only bindings lead to it, no publish. RabbitMQ's extension (reserved in 0-9-1).
    public var `internal`: Bool
    /// No answer is wanted.
    public var noWait: Bool
    /// Settings by type, such as `alternate-exchange`.
    public var arguments: FieldTable

    public init(
        exchange: String,
        type: String = "direct",
        passive: Bool = false,
        durable: Bool = false,
        autoDelete: Bool = false,
        internal: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.exchange = exchange
        self.type = type
        self.passive = passive
        self.durable = durable
        self.autoDelete = autoDelete
        self.internal = `internal`
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        exchange = try reader.readShortString()
        type = try reader.readShortString()
        let bits = try reader.readUInt8()
        passive = bits & 1 << 0 != 0
        durable = bits & 1 << 1 != 0
        autoDelete = bits & 1 << 2 != 0
        `internal` = bits & 1 << 3 != 0
        noWait = bits & 1 << 4 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(exchange)
        buffer.appendShortString(type)
        var bits: UInt8 = 0
        if passive { bits |= 1 << 0 }
        if durable { bits |= 1 << 1 }
        if autoDelete { bits |= 1 << 2 }
        if `internal` { bits |= 1 << 3 }
        if noWait { bits |= 1 << 4 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `exchange.declare-ok`, sent by the server. The exchange is there.
public struct ExchangeDeclareOk: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeDeclareOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `exchange.delete`, sent by the client, answered by ``ExchangeDeleteOk``. Deletes an exchange and its bindings.
public struct ExchangeDelete: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeDelete }

    /// Its name.
    public var exchange: String
    /// Only if it has no bindings.
    public var ifUnused: Bool
    /// No answer is wanted.
    public var noWait: Bool

    public init(exchange: String, ifUnused: Bool = false, noWait: Bool = false) {
        self.exchange = exchange
        self.ifUnused = ifUnused
        self.noWait = noWait
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        exchange = try reader.readShortString()
        let bits = try reader.readUInt8()
        ifUnused = bits & 1 << 0 != 0
        noWait = bits & 1 << 1 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(exchange)
        var bits: UInt8 = 0
        if ifUnused { bits |= 1 << 0 }
        if noWait { bits |= 1 << 1 }
        buffer.append(bits)
    }
}

/// `exchange.delete-ok`, sent by the server. The exchange is gone.
public struct ExchangeDeleteOk: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeDeleteOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `exchange.bind`, sent by the client, answered by ``ExchangeBindOk``. RabbitMQ's extension: lets an exchange feed
/// another.
public struct ExchangeBind: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeBind }

    /// The exchange that is fed.
    public var destination: String
    /// The exchange that feeds it.
    public var source: String
    /// What the source's type compares with.
    public var routingKey: String
    /// No answer is wanted.
    public var noWait: Bool
    /// What a headers exchange compares with.
    public var arguments: FieldTable

    public init(
        destination: String,
        source: String,
        routingKey: String = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.destination = destination
        self.source = source
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        destination = try reader.readShortString()
        source = try reader.readShortString()
        routingKey = try reader.readShortString()
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(destination)
        buffer.appendShortString(source)
        buffer.appendShortString(routingKey)
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `exchange.bind-ok`, sent by the server. The binding is there.
public struct ExchangeBindOk: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeBindOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `exchange.unbind`, sent by the client, answered by ``ExchangeUnbindOk``. RabbitMQ's extension: removes a binding
/// between exchanges.
public struct ExchangeUnbind: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeUnbind }

    /// The exchange that was fed.
    public var destination: String
    /// The exchange that fed it.
    public var source: String
    /// The binding's key.
    public var routingKey: String
    /// No answer is wanted.
    public var noWait: Bool
    /// The binding's arguments, the same as when it was made.
    public var arguments: FieldTable

    public init(
        destination: String,
        source: String,
        routingKey: String = "",
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.destination = destination
        self.source = source
        self.routingKey = routingKey
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        destination = try reader.readShortString()
        source = try reader.readShortString()
        routingKey = try reader.readShortString()
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(destination)
        buffer.appendShortString(source)
        buffer.appendShortString(routingKey)
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `exchange.unbind-ok`, sent by the server. The binding is gone. Its id is 51, not 41.
public struct ExchangeUnbindOk: AMQPMethod {
    @inlinable public static var id: MethodID { .exchangeUnbindOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
