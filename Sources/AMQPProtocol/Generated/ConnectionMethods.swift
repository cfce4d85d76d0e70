// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// `connection.start`, sent by the server, answered by ``ConnectionStartOk``. Opens the handshake: what the server is
/// and how one may log in.
public struct ConnectionStart: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionStart }

    /// The protocol's version: 0 of 0-9-1.
    public var versionMajor: UInt8
    /// The protocol's version: 9 of 0-9-1.
    public var versionMinor: UInt8
    /// Product, version, and the table of capabilities.
    public var serverProperties: FieldTable
    /// Names of the SASL mechanisms on offer, with spaces between.
    public var mechanisms: [UInt8]
    /// Languages of the reply texts, with spaces between.
    public var locales: [UInt8]

    public init(
        versionMajor: UInt8 = 0,
        versionMinor: UInt8 = 9,
        serverProperties: FieldTable = [:],
        mechanisms: [UInt8],
        locales: [UInt8]
    ) {
        self.versionMajor = versionMajor
        self.versionMinor = versionMinor
        self.serverProperties = serverProperties
        self.mechanisms = mechanisms
        self.locales = locales
    }

    public init(from reader: inout WireReader) throws(WireError) {
        versionMajor = try reader.readUInt8()
        versionMinor = try reader.readUInt8()
        serverProperties = try FieldTable(from: &reader)
        mechanisms = try reader.readLongString()
        locales = try reader.readLongString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(versionMajor)
        buffer.append(versionMinor)
        serverProperties.encode(into: &buffer)
        buffer.appendLongString(mechanisms)
        buffer.appendLongString(locales)
    }
}

/// `connection.start-ok`, sent by the client. Says what the client is, and begins to authenticate.
public struct ConnectionStartOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionStartOk }

    /// Product, version, and the table of capabilities.
    public var clientProperties: FieldTable
    /// The chosen SASL mechanism.
    public var mechanism: String
    /// The mechanism's first response.
    public var response: [UInt8]
    /// The chosen language.
    public var locale: String

    public init(clientProperties: FieldTable = [:], mechanism: String, response: [UInt8], locale: String = "en_US") {
        self.clientProperties = clientProperties
        self.mechanism = mechanism
        self.response = response
        self.locale = locale
    }

    public init(from reader: inout WireReader) throws(WireError) {
        clientProperties = try FieldTable(from: &reader)
        mechanism = try reader.readShortString()
        response = try reader.readLongString()
        locale = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        clientProperties.encode(into: &buffer)
        buffer.appendShortString(mechanism)
        buffer.appendLongString(response)
        buffer.appendShortString(locale)
    }
}

/// `connection.secure`, sent by the server, answered by ``ConnectionSecureOk``. A further round of authentication, for
/// mechanisms that need one.
public struct ConnectionSecure: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionSecure }

    /// The mechanism's challenge.
    public var challenge: [UInt8]

    public init(challenge: [UInt8]) {
        self.challenge = challenge
    }

    public init(from reader: inout WireReader) throws(WireError) {
        challenge = try reader.readLongString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendLongString(challenge)
    }
}

/// `connection.secure-ok`, sent by the client. The response to a challenge.
public struct ConnectionSecureOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionSecureOk }

    /// The mechanism's response.
    public var response: [UInt8]

    public init(response: [UInt8]) {
        self.response = response
    }

    public init(from reader: inout WireReader) throws(WireError) {
        response = try reader.readLongString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendLongString(response)
    }
}

/// `connection.tune`, sent by the server, answered by ``ConnectionTuneOk``. Proposes the connection's limits.
public struct ConnectionTune: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionTune }

    /// The highest channel number; 0 sets no limit.
    public var channelMax: UInt16
    /// The largest frame in bytes, its 8 octets of framing included; 0 sets no limit.
    public var frameMax: UInt32
    /// Heartbeat timeout in seconds; 0 wants none.
    public var heartbeat: UInt16

    public init(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16) {
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.heartbeat = heartbeat
    }

    public init(from reader: inout WireReader) throws(WireError) {
        channelMax = try reader.readUInt16()
        frameMax = try reader.readUInt32()
        heartbeat = try reader.readUInt16()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(channelMax)
        buffer.append(frameMax)
        buffer.append(heartbeat)
    }
}

/// `connection.tune-ok`, sent by the client. Settles the connection's limits.
public struct ConnectionTuneOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionTuneOk }

    /// The highest channel number; 0 sets no limit.
    public var channelMax: UInt16
    /// The largest frame in bytes, its 8 octets of framing included; 0 sets no limit.
    public var frameMax: UInt32
    /// Heartbeat timeout in seconds; 0 wants none.
    public var heartbeat: UInt16

    public init(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16) {
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.heartbeat = heartbeat
    }

    public init(from reader: inout WireReader) throws(WireError) {
        channelMax = try reader.readUInt16()
        frameMax = try reader.readUInt32()
        heartbeat = try reader.readUInt16()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(channelMax)
        buffer.append(frameMax)
        buffer.append(heartbeat)
    }
}

/// `connection.open`, sent by the client, answered by ``ConnectionOpenOk``. Enters a virtual host.
public struct ConnectionOpen: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionOpen }

    /// Its name.
    public var virtualHost: String

    public init(virtualHost: String = "/") {
        self.virtualHost = virtualHost
    }

    public init(from reader: inout WireReader) throws(WireError) {
        virtualHost = try reader.readShortString()
        _ = try reader.readShortStringBytes()
        try reader.skip(1)
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(virtualHost)
        buffer.append(0 as UInt8)
        buffer.append(0 as UInt8)
    }
}

/// `connection.open-ok`, sent by the server. The connection is ready for use.
public struct ConnectionOpenOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionOpenOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {
        _ = try reader.readShortStringBytes()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.append(0 as UInt8)
    }
}

/// `connection.close`, sent by either side, answered by ``ConnectionCloseOk``. Ends the connection; whatever the peer
/// sends until its close-ok is ignored.
public struct ConnectionClose: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionClose }

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

/// `connection.close-ok`, sent by either side. The last frame of a connection.
public struct ConnectionCloseOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionCloseOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `connection.blocked`, sent by the server. RabbitMQ's extension: the server takes no publishes for now. Sent to
/// clients with the capability `connection.blocked`.
public struct ConnectionBlocked: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionBlocked }

    /// Why, for people.
    public var reason: String

    public init(reason: String = "") {
        self.reason = reason
    }

    public init(from reader: inout WireReader) throws(WireError) {
        reason = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendShortString(reason)
    }
}

/// `connection.unblocked`, sent by the server. RabbitMQ's extension: publishes are taken again.
public struct ConnectionUnblocked: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionUnblocked }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}

/// `connection.update-secret`, sent by the client, answered by ``ConnectionUpdateSecretOk``. RabbitMQ's extension:
/// replaces a credential that is about to expire.
public struct ConnectionUpdateSecret: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionUpdateSecret }

    /// The new credential.
    public var newSecret: [UInt8]
    /// Why, for people.
    public var reason: String

    public init(newSecret: [UInt8], reason: String = "") {
        self.newSecret = newSecret
        self.reason = reason
    }

    public init(from reader: inout WireReader) throws(WireError) {
        newSecret = try reader.readLongString()
        reason = try reader.readShortString()
    }

    public func encode(into buffer: inout WireBuffer) {
        buffer.appendLongString(newSecret)
        buffer.appendShortString(reason)
    }
}

/// `connection.update-secret-ok`, sent by the server. The new credential counts from now on.
public struct ConnectionUpdateSecretOk: AMQPMethod {
    @inlinable public static var id: MethodID { .connectionUpdateSecretOk }

    public init() {}

    public init(from reader: inout WireReader) throws(WireError) {}

    public func encode(into buffer: inout WireBuffer) {}
}
