// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// The properties of a message (AMQP 0-9-1, section 1.8). For what is not on the path of messages: it owns what it
/// holds.
public struct BasicProperties: Equatable, Sendable {
    /// The body's MIME type.
    public var contentType: String?
    /// The body's MIME content encoding.
    public var contentEncoding: String?
    /// Whatever the application adds; headers exchanges route by it.
    public var headers: FieldTable?
    /// 1 is transient, 2 persistent.
    public var deliveryMode: UInt8?
    /// The higher the sooner, in queues that have priorities.
    public var priority: UInt8?
    /// Matches a reply to its request.
    public var correlationID: String?
    /// The queue that replies go to.
    public var replyTo: String?
    /// Time to live in milliseconds, in decimal digits.
    public var expiration: String?
    /// The application's name of the message.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: UInt64?
    /// The application's type of the message.
    public var type: String?
    /// The publisher's user; the server checks it.
    public var userID: String?
    /// The publishing application.
    public var appID: String?
    /// Reserved in 0-9-1, passed on as it came.
    public var clusterID: String?

    public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        headers: FieldTable? = nil,
        deliveryMode: UInt8? = nil,
        priority: UInt8? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        expiration: String? = nil,
        messageID: String? = nil,
        timestamp: UInt64? = nil,
        type: String? = nil,
        userID: String? = nil,
        appID: String? = nil,
        clusterID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
        self.clusterID = clusterID
    }

    /// Reads property flags and property list: what stands in a content header behind the body size. Takes exactly what
    /// ``PropertiesView`` takes; text that is not UTF-8 is repaired.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        self.init()
        var reader = WireReader(bytes)
        let flags = try reader.readPropertyFlags()
        if flags.contains(.contentType) { contentType = try reader.readRepairedShortString() }
        if flags.contains(.contentEncoding) { contentEncoding = try reader.readRepairedShortString() }
        if flags.contains(.headers) { headers = try FieldTable(from: &reader) }
        if flags.contains(.deliveryMode) { deliveryMode = try reader.readUInt8() }
        if flags.contains(.priority) { priority = try reader.readUInt8() }
        if flags.contains(.correlationID) { correlationID = try reader.readRepairedShortString() }
        if flags.contains(.replyTo) { replyTo = try reader.readRepairedShortString() }
        if flags.contains(.expiration) { expiration = try reader.readRepairedShortString() }
        if flags.contains(.messageID) { messageID = try reader.readRepairedShortString() }
        if flags.contains(.timestamp) { timestamp = try reader.readUInt64() }
        if flags.contains(.type) { type = try reader.readRepairedShortString() }
        if flags.contains(.userID) { userID = try reader.readRepairedShortString() }
        if flags.contains(.appID) { appID = try reader.readRepairedShortString() }
        if flags.contains(.clusterID) { clusterID = try reader.readRepairedShortString() }
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    /// Writes property flags and property list.
    public func encode(into buffer: inout WireBuffer) {
        var flags: BasicPropertyFlags = []
        if contentType != nil { flags.insert(.contentType) }
        if contentEncoding != nil { flags.insert(.contentEncoding) }
        if headers != nil { flags.insert(.headers) }
        if deliveryMode != nil { flags.insert(.deliveryMode) }
        if priority != nil { flags.insert(.priority) }
        if correlationID != nil { flags.insert(.correlationID) }
        if replyTo != nil { flags.insert(.replyTo) }
        if expiration != nil { flags.insert(.expiration) }
        if messageID != nil { flags.insert(.messageID) }
        if timestamp != nil { flags.insert(.timestamp) }
        if type != nil { flags.insert(.type) }
        if userID != nil { flags.insert(.userID) }
        if appID != nil { flags.insert(.appID) }
        if clusterID != nil { flags.insert(.clusterID) }
        buffer.append(flags.rawValue)
        if let contentType { buffer.appendShortString(contentType) }
        if let contentEncoding { buffer.appendShortString(contentEncoding) }
        if let headers { headers.encode(into: &buffer) }
        if let deliveryMode { buffer.append(deliveryMode) }
        if let priority { buffer.append(priority) }
        if let correlationID { buffer.appendShortString(correlationID) }
        if let replyTo { buffer.appendShortString(replyTo) }
        if let expiration { buffer.appendShortString(expiration) }
        if let messageID { buffer.appendShortString(messageID) }
        if let timestamp { buffer.append(timestamp) }
        if let type { buffer.appendShortString(type) }
        if let userID { buffer.appendShortString(userID) }
        if let appID { buffer.appendShortString(appID) }
        if let clusterID { buffer.appendShortString(clusterID) }
    }
}
