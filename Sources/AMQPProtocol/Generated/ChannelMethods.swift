// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `channel.open`, sent by the client, answered by ``ChannelOpenOk``. Opens the channel that the frame names.
public struct ChannelOpen: AMQPMethod {
    @inlinable public static var id: MethodID { .channelOpen }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {
        _ = try reader.readShortStringBytes()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt8)
    }
}

/// `channel.open-ok`, sent by the server. The channel is ready for use.
public struct ChannelOpenOk: AMQPMethod {
    @inlinable public static var id: MethodID { .channelOpenOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {
        _ = try reader.readLongStringBytes()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt32)
    }
}

/// `channel.flow`, sent by either side, answered by ``ChannelFlowOk``. Asks the peer to stop or restart sending content
/// on this channel.
public struct ChannelFlow: AMQPMethod {
    @inlinable public static var id: MethodID { .channelFlow }

    /// Whether content may be sent.
    public var active: Bool

    public init(active: Bool = false) {
        self.active = active
    }

    public init(from reader: inout WireReader) throws(WireError) {
        let bits = try reader.readUInt8()
        active = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        var bits: UInt8 = 0
        if active { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `channel.flow-ok`, sent by either side. The request was taken up.
public struct ChannelFlowOk: AMQPMethod {
    @inlinable public static var id: MethodID { .channelFlowOk }

    /// Whether content will be sent.
    public var active: Bool

    public init(active: Bool = false) {
        self.active = active
    }

    public init(from reader: inout WireReader) throws(WireError) {
        let bits = try reader.readUInt8()
        active = bits & 1 << 0 != 0
    }

    public func encode(into buffer: inout WireBuffer) {
        var bits: UInt8 = 0
        if active { bits |= 1 << 0 }
        buffer.append(bits)
    }
}

/// `channel.close`, sent by either side, answered by ``ChannelCloseOk``. Ends the channel; whatever the peer sends on
/// it until its close-ok is ignored.
public struct ChannelClose: AMQPMethod {
    @inlinable public static var id: MethodID { .channelClose }

    /// Why.
    public var replyCode: ReplyCode
    /// Why, for people.
    public var replyText: String
    /// The class of the method that caused it, or 0.
    public var classID: UInt16
    /// The method that caused it, or 0.
    public var methodID: UInt16

    public init(replyCode: ReplyCode, replyText: String = "", classID: UInt16 = 0, methodID: UInt16 = 0) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.classID = classID
        self.methodID = methodID
    }

    public init(from reader: inout WireReader) throws(WireError) {
        replyCode = ReplyCode(rawValue: try reader.readUInt16())
        replyText = try reader.readShortString()
        classID = try reader.readUInt16()
        methodID = try reader.readUInt16()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(replyCode.rawValue)
        buffer.appendShortString(replyText)
        buffer.append(classID)
        buffer.append(methodID)
    }
}

/// `channel.close-ok`, sent by either side. The channel's number is free again.
public struct ChannelCloseOk: AMQPMethod {
    @inlinable public static var id: MethodID { .channelCloseOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
