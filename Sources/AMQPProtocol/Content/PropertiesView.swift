/// The properties of a message read in place: property flags and property list, as they stand in a content header
/// behind the body size. Nothing is copied or allocated; it must not outlive the bytes.
public struct PropertiesView {
    /// The content of the headers table, without its length octets; checked whole.
    public private(set) var headers: FieldTableView?
    public private(set) var deliveryMode: UInt8?
    public private(set) var priority: UInt8?
    public private(set) var correlationID: UnsafeRawBufferPointer?
    public private(set) var replyTo: UnsafeRawBufferPointer?
    /// Decimal digits, if the publisher keeps the rules; not checked.
    public private(set) var expiration: UnsafeRawBufferPointer?
    public private(set) var messageID: UnsafeRawBufferPointer?
    /// Seconds since 1970.
    public private(set) var timestamp: UInt64?
    public private(set) var userID: UnsafeRawBufferPointer?

    /// No properties at all.
    public init() {}

    /// What a broker has to know of properties that ask for nothing else, see ``isPlain``.
    public init(deliveryMode: UInt8?, priority: UInt8?) {
        self.deliveryMode = deliveryMode
        self.priority = priority
    }

    /// Whether there is nothing in them that a broker would act upon but delivery mode and priority.
    public var isPlain: Bool { headers == nil && replyTo == nil && expiration == nil && userID == nil }

    /// Whether the message is to survive a restart (delivery mode 2).
    public var isPersistent: Bool { deliveryMode == 2 }

    /// Walks over all of the bytes once and checks everything: the flags, every length, the headers and whatever is
    /// nested in them, and that nothing follows.
    public init(validating bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        let flags = try reader.readPropertyFlags()
        if flags.contains(.contentType) { _ = try reader.readShortStringBytes() }
        if flags.contains(.contentEncoding) { _ = try reader.readShortStringBytes() }
        if flags.contains(.headers) {
            let content = try reader.readLongStringBytes()
            try FieldTableView.validate(content)
            headers = FieldTableView(unchecked: content)
        }
        if flags.contains(.deliveryMode) { deliveryMode = try reader.readUInt8() }
        if flags.contains(.priority) { priority = try reader.readUInt8() }
        if flags.contains(.correlationID) { correlationID = try reader.readShortStringBytes() }
        if flags.contains(.replyTo) { replyTo = try reader.readShortStringBytes() }
        if flags.contains(.expiration) { expiration = try reader.readShortStringBytes() }
        if flags.contains(.messageID) { messageID = try reader.readShortStringBytes() }
        if flags.contains(.timestamp) { timestamp = try reader.readUInt64() }
        if flags.contains(.type) { _ = try reader.readShortStringBytes() }
        if flags.contains(.userID) { userID = try reader.readShortStringBytes() }
        if flags.contains(.appID) { _ = try reader.readShortStringBytes() }
        if flags.contains(.clusterID) { _ = try reader.readShortStringBytes() }
        guard reader.isAtEnd else { throw .trailingBytes }
    }
}
