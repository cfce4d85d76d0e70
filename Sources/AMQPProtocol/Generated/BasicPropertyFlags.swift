// Written by AMQPCodegen from Sources/AMQPCodegen/amqp-0-9-1.xml.
// To change it, change that file and run `swift run AMQPCodegen`.

/// Which properties a content header of class basic holds. They follow in this order.
public struct BasicPropertyFlags: OptionSet, Sendable {
    public let rawValue: UInt16

    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable public static var contentType: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 15) }
    @inlinable public static var contentEncoding: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 14) }
    @inlinable public static var headers: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 13) }
    @inlinable public static var deliveryMode: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 12) }
    @inlinable public static var priority: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 11) }
    @inlinable public static var correlationID: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 10) }
    @inlinable public static var replyTo: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 9) }
    @inlinable public static var expiration: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 8) }
    @inlinable public static var messageID: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 7) }
    @inlinable public static var timestamp: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 6) }
    @inlinable public static var type: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 5) }
    @inlinable public static var userID: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 4) }
    @inlinable public static var appID: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 3) }
    @inlinable public static var clusterID: BasicPropertyFlags { BasicPropertyFlags(rawValue: 1 << 2) }

    /// Every property that there is.
    @inlinable public static var all: BasicPropertyFlags { BasicPropertyFlags(rawValue: 0xFFFC) }
}
