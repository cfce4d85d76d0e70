// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `basic.qos`, sent by the client, answered by ``BasicQosOk``. Limits what is delivered ahead of acknowledgements.
public struct BasicQos: AMQPMethod {
    @inlinable public static var id: MethodID { .basicQos }

    /// In bytes. RabbitMQ takes nothing but 0, which sets no limit.
    public var prefetchSize: UInt32
    /// In messages; 0 sets no limit.
    public var prefetchCount: UInt16
    /// In RabbitMQ's reading: for the channel as a whole, not for each consumer to come.
    public var global: Bool

    public init(prefetchSize: UInt32 = 0, prefetchCount: UInt16, global: Bool = false) {
        self.prefetchSize = prefetchSize
        self.prefetchCount = prefetchCount
        self.global = global
    }

    public init(from reader: inout WireReader) throws(WireError) {
        prefetchSize = try reader.readUInt32()
        prefetchCount = try reader.readUInt16()
        let bits = try reader.readUInt8()
        global = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(prefetchSize)
        buffer.append(prefetchCount)
        var bits: UInt8 = 0
        if global { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.qos-ok`, sent by the server. The limit counts from now on.
public struct BasicQosOk: AMQPMethod {
    @inlinable public static var id: MethodID { .basicQosOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `basic.consume`, sent by the client, answered by ``BasicConsumeOk``. Starts a consumer.
public struct BasicConsume: AMQPMethod {
    @inlinable public static var id: MethodID { .basicConsume }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// Its name on this channel; empty lets the server make one up.
    public var consumerTag: String
    /// No messages of this connection. RabbitMQ ignores it.
    public var noLocal: Bool
    /// Deliveries count as acknowledged when they are sent.
    public var noAck: Bool
    /// No other consumer on the queue.
    public var exclusive: Bool
    /// No answer is wanted.
    public var noWait: Bool
    /// Settings such as `x-priority`.
    public var arguments: FieldTable

    public init(
        queue: String = "",
        consumerTag: String = "",
        noLocal: Bool = false,
        noAck: Bool = false,
        exclusive: Bool = false,
        noWait: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.queue = queue
        self.consumerTag = consumerTag
        self.noLocal = noLocal
        self.noAck = noAck
        self.exclusive = exclusive
        self.noWait = noWait
        self.arguments = arguments
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        consumerTag = try reader.readShortString()
        let bits = try reader.readUInt8()
        noLocal = bits & 1 << 0 != 0
        noAck = bits & 1 << 1 != 0
        exclusive = bits & 1 << 2 != 0
        noWait = bits & 1 << 3 != 0
        arguments = try FieldTable(from: &reader)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        buffer.appendShortString(consumerTag)
        var bits: UInt8 = 0
        if noLocal { bits |= 1 << 0 }
        if noAck { bits |= 1 << 1 }
        if exclusive { bits |= 1 << 2 }
        if noWait { bits |= 1 << 3 }
        buffer.append(bits)
        arguments.encode(into: &buffer)
    }
}

/// `basic.consume-ok`, sent by the server. The consumer is there.
public struct BasicConsumeOk: AMQPMethod {
    @inlinable public static var id: MethodID { .basicConsumeOk }

    /// Its name on this channel.
    public var consumerTag: String

    public init(consumerTag: String) {
        self.consumerTag = consumerTag
    }

    public init(from reader: inout WireReader) throws(WireError) {
        consumerTag = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(consumerTag)
    }
}

/// `basic.cancel`, sent by either side, answered by ``BasicCancelOk``. Ends a consumer. From the server (RabbitMQ's
/// extension, for clients with the capability `consumer_cancel_notify`): its queue is gone.
public struct BasicCancel: AMQPMethod {
    @inlinable public static var id: MethodID { .basicCancel }

    /// Its name on this channel.
    public var consumerTag: String
    /// No answer is wanted.
    public var noWait: Bool

    public init(consumerTag: String, noWait: Bool = false) {
        self.consumerTag = consumerTag
        self.noWait = noWait
    }

    public init(from reader: inout WireReader) throws(WireError) {
        consumerTag = try reader.readShortString()
        let bits = try reader.readUInt8()
        noWait = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(consumerTag)
        var bits: UInt8 = 0
        if noWait { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.cancel-ok`, sent by either side. No deliveries follow for the consumer.
public struct BasicCancelOk: AMQPMethod {
    @inlinable public static var id: MethodID { .basicCancelOk }

    /// Its name on this channel.
    public var consumerTag: String

    public init(consumerTag: String) {
        self.consumerTag = consumerTag
    }

    public init(from reader: inout WireReader) throws(WireError) {
        consumerTag = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(consumerTag)
    }
}

/// `basic.publish`, sent by the client, followed by content. Publishes a message.
public struct BasicPublish: AMQPMethod {
    @inlinable public static var id: MethodID { .basicPublish }

    /// The exchange; empty is the default exchange.
    public var exchange: String
    /// What the exchange routes by.
    public var routingKey: String
    /// Return it when it reaches no queue.
    public var mandatory: Bool
    /// Return it when no consumer takes it at once. RabbitMQ refuses it.
    public var immediate: Bool

    public init(exchange: String = "", routingKey: String, mandatory: Bool = false, immediate: Bool = false) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.immediate = immediate
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
        let bits = try reader.readUInt8()
        mandatory = bits & 1 << 0 != 0
        immediate = bits & 1 << 1 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
        var bits: UInt8 = 0
        if mandatory { bits |= 1 << 0 }
        if immediate { bits |= 1 << 1 }
        buffer.append(bits)
    }
}

/// `basic.return`, sent by the server, followed by content. Gives back a message that could not be routed.
public struct BasicReturn: AMQPMethod {
    @inlinable public static var id: MethodID { .basicReturn }

    /// Why.
    public var replyCode: ReplyCode
    /// Why, for people.
    public var replyText: String
    /// Where it was published.
    public var exchange: String
    /// The key it was published with.
    public var routingKey: String

    public init(replyCode: ReplyCode, replyText: String = "", exchange: String, routingKey: String) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.exchange = exchange
        self.routingKey = routingKey
    }

    public init(from reader: inout WireReader) throws(WireError) {
        replyCode = ReplyCode(rawValue: try reader.readUInt16())
        replyText = try reader.readShortString()
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(replyCode.rawValue)
        buffer.appendShortString(replyText)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
    }
}

/// `basic.deliver`, sent by the server, followed by content. Hands a message to a consumer.
public struct BasicDeliver: AMQPMethod {
    @inlinable public static var id: MethodID { .basicDeliver }

    /// The consumer.
    public var consumerTag: String
    /// What acknowledgements name; counts up from 1 on each channel.
    public var deliveryTag: UInt64
    /// It may have been delivered before.
    public var redelivered: Bool
    /// Where it was published.
    public var exchange: String
    /// The key it was published with.
    public var routingKey: String

    public init(
        consumerTag: String,
        deliveryTag: UInt64,
        redelivered: Bool = false,
        exchange: String,
        routingKey: String
    ) {
        self.consumerTag = consumerTag
        self.deliveryTag = deliveryTag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
    }

    public init(from reader: inout WireReader) throws(WireError) {
        consumerTag = try reader.readShortString()
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        redelivered = bits & 1 << 0 != 0
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(consumerTag)
        buffer.append(deliveryTag)
        var bits: UInt8 = 0
        if redelivered { bits |= 1 << 0 }
        buffer.append(bits)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
    }
}

/// `basic.get`, sent by the client, answered by ``BasicGetOk`` or ``BasicGetEmpty``. Asks for one message.
public struct BasicGet: AMQPMethod {
    @inlinable public static var id: MethodID { .basicGet }

    /// The queue; empty means the one last declared on the channel.
    public var queue: String
    /// The delivery counts as acknowledged when it is sent.
    public var noAck: Bool

    public init(queue: String = "", noAck: Bool = false) {
        self.queue = queue
        self.noAck = noAck
    }

    public init(from reader: inout WireReader) throws(WireError) {
        try reader.skip(2)
        queue = try reader.readShortString()
        let bits = try reader.readUInt8()
        noAck = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt16)
        buffer.appendShortString(queue)
        var bits: UInt8 = 0
        if noAck { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.get-ok`, sent by the server, followed by content. The message that was asked for.
public struct BasicGetOk: AMQPMethod {
    @inlinable public static var id: MethodID { .basicGetOk }

    /// What acknowledgements name; counts up from 1 on each channel.
    public var deliveryTag: UInt64
    /// It may have been delivered before.
    public var redelivered: Bool
    /// Where it was published.
    public var exchange: String
    /// The key it was published with.
    public var routingKey: String
    /// Messages that are still ready.
    public var messageCount: UInt32

    public init(
        deliveryTag: UInt64,
        redelivered: Bool = false,
        exchange: String,
        routingKey: String,
        messageCount: UInt32
    ) {
        self.deliveryTag = deliveryTag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.messageCount = messageCount
    }

    public init(from reader: inout WireReader) throws(WireError) {
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        redelivered = bits & 1 << 0 != 0
        exchange = try reader.readShortString()
        routingKey = try reader.readShortString()
        messageCount = try reader.readUInt32()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(deliveryTag)
        var bits: UInt8 = 0
        if redelivered { bits |= 1 << 0 }
        buffer.append(bits)
        buffer.appendShortString(exchange)
        buffer.appendShortString(routingKey)
        buffer.append(messageCount)
    }
}

/// `basic.get-empty`, sent by the server. The queue has no ready message.
public struct BasicGetEmpty: AMQPMethod {
    @inlinable public static var id: MethodID { .basicGetEmpty }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {
        _ = try reader.readShortStringBytes()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt8)
    }
}

/// `basic.ack`, sent by either side. Settles deliveries; from the server (RabbitMQ's extension): confirms publishes.
public struct BasicAck: AMQPMethod {
    @inlinable public static var id: MethodID { .basicAck }

    /// The delivery; 0 with `multiple` means all so far.
    public var deliveryTag: UInt64
    /// All up to and including that one.
    public var multiple: Bool

    public init(deliveryTag: UInt64, multiple: Bool = false) {
        self.deliveryTag = deliveryTag
        self.multiple = multiple
    }

    public init(from reader: inout WireReader) throws(WireError) {
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        multiple = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(deliveryTag)
        var bits: UInt8 = 0
        if multiple { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.reject`, sent by the client. Refuses a delivery.
public struct BasicReject: AMQPMethod {
    @inlinable public static var id: MethodID { .basicReject }

    /// The delivery.
    public var deliveryTag: UInt64
    /// Back to the queue; otherwise dropped or dead-lettered.
    public var requeue: Bool

    public init(deliveryTag: UInt64, requeue: Bool = true) {
        self.deliveryTag = deliveryTag
        self.requeue = requeue
    }

    public init(from reader: inout WireReader) throws(WireError) {
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        requeue = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(deliveryTag)
        var bits: UInt8 = 0
        if requeue { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.recover-async`, sent by the client. Redelivers what is not acknowledged, without an answer. Outdated.
public struct BasicRecoverAsync: AMQPMethod {
    @inlinable public static var id: MethodID { .basicRecoverAsync }

    /// Back to the queue, for any consumer.
    public var requeue: Bool

    public init(requeue: Bool = false) {
        self.requeue = requeue
    }

    public init(from reader: inout WireReader) throws(WireError) {
        let bits = try reader.readUInt8()
        requeue = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        var bits: UInt8 = 0
        if requeue { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.recover`, sent by the client, answered by ``BasicRecoverOk``. Redelivers what is not acknowledged.
public struct BasicRecover: AMQPMethod {
    @inlinable public static var id: MethodID { .basicRecover }

    /// Back to the queue, for any consumer.
    public var requeue: Bool

    public init(requeue: Bool = false) {
        self.requeue = requeue
    }

    public init(from reader: inout WireReader) throws(WireError) {
        let bits = try reader.readUInt8()
        requeue = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        var bits: UInt8 = 0
        if requeue { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `basic.recover-ok`, sent by the server. The messages are back.
public struct BasicRecoverOk: AMQPMethod {
    @inlinable public static var id: MethodID { .basicRecoverOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `basic.nack`, sent by either side. RabbitMQ's extension: refuses deliveries; from the server: publishes that it did
/// not take charge of.
public struct BasicNack: AMQPMethod {
    @inlinable public static var id: MethodID { .basicNack }

    /// The delivery; 0 with `multiple` means all so far.
    public var deliveryTag: UInt64
    /// All up to and including that one.
    public var multiple: Bool
    /// Back to the queue; otherwise dropped or dead-lettered.
    public var requeue: Bool

    public init(deliveryTag: UInt64, multiple: Bool = false, requeue: Bool = true) {
        self.deliveryTag = deliveryTag
        self.multiple = multiple
        self.requeue = requeue
    }

    public init(from reader: inout WireReader) throws(WireError) {
        deliveryTag = try reader.readUInt64()
        let bits = try reader.readUInt8()
        multiple = bits & 1 << 0 != 0
        requeue = bits & 1 << 1 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(deliveryTag)
        var bits: UInt8 = 0
        if multiple { bits |= 1 << 0 }
        if requeue { bits |= 1 << 1 }
        buffer.append(bits)
    }
}
