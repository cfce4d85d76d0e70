/// All properties of a stored message read in place, the fourteen of class basic, where `PropertiesView` has those that a
/// broker acts upon. Nothing is copied or allocated; it must not outlive the bytes.
public struct PropertyListView {
    public let flags: BasicPropertyFlags
    public private(set) var contentType: UnsafeRawBufferPointer?
    public private(set) var contentEncoding: UnsafeRawBufferPointer?
    public private(set) var headers: FieldTableView?
    public private(set) var deliveryMode: UInt8?
    public private(set) var priority: UInt8?
    public private(set) var correlationID: UnsafeRawBufferPointer?
    public private(set) var replyTo: UnsafeRawBufferPointer?
    public private(set) var expiration: UnsafeRawBufferPointer?
    public private(set) var messageID: UnsafeRawBufferPointer?
    /// Seconds since 1970.
    public private(set) var timestamp: UInt64?
    public private(set) var type: UnsafeRawBufferPointer?
    public private(set) var userID: UnsafeRawBufferPointer?
    public private(set) var appID: UnsafeRawBufferPointer?
    public private(set) var clusterID: UnsafeRawBufferPointer?

    /// - Parameter bytes: that `PropertiesView(validating:)` has passed, when the message came in: the inside of the headers
    ///   is not checked again.
    public init(unchecked bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        flags = try reader.readPropertyFlags()
        if flags.contains(.contentType) { contentType = try reader.readShortStringBytes() }
        if flags.contains(.contentEncoding) { contentEncoding = try reader.readShortStringBytes() }
        if flags.contains(.headers) { headers = FieldTableView(unchecked: try reader.readLongStringBytes()) }
        if flags.contains(.deliveryMode) { deliveryMode = try reader.readUInt8() }
        if flags.contains(.priority) { priority = try reader.readUInt8() }
        if flags.contains(.correlationID) { correlationID = try reader.readShortStringBytes() }
        if flags.contains(.replyTo) { replyTo = try reader.readShortStringBytes() }
        if flags.contains(.expiration) { expiration = try reader.readShortStringBytes() }
        if flags.contains(.messageID) { messageID = try reader.readShortStringBytes() }
        if flags.contains(.timestamp) { timestamp = try reader.readUInt64() }
        if flags.contains(.type) { type = try reader.readShortStringBytes() }
        if flags.contains(.userID) { userID = try reader.readShortStringBytes() }
        if flags.contains(.appID) { appID = try reader.readShortStringBytes() }
        if flags.contains(.clusterID) { clusterID = try reader.readShortStringBytes() }
    }
}
