import AMQPProtocol

/// A message as it stood in its queue when somebody looked: a copy, whose body may be cut.
public struct BrowsedMessage: Sendable {
    public let id: MessageID
    public let state: MessageState
    /// Whether a consumer may have seen it before.
    public let isRedelivered: Bool
    /// When it joined the log, in milliseconds since 1970: when it was published, or dead-lettered to here.
    public let publishedAtMilliseconds: UInt64
    /// When its time is over, nil for never: it expires, or, if it is scheduled, is delivered.
    public let deadlineMilliseconds: UInt64?
    /// How often it has come back as a failure: `x-delivery-count`.
    public let deliveryCount: UInt32
    /// How often it has come back at all: `x-acquired-count`.
    public let acquiredCount: UInt32
    /// Why it is a dead letter, if it is one that nobody takes: the `reason` of an `x-death` entry.
    public let undeliverableReason: String?
    /// When it has become one, in seconds since 1970; nil also if nobody knows.
    public let undeliverableSinceSeconds: UInt64?
    /// The edit of which it is the original, if an edited copy of it is under way (`MessageEdits`).
    public let editID: UInt64?
    /// Of the whole body, in bytes.
    public let bodyByteCount: Int
    /// Exchange, routing key, properties, and of the body as much as was asked for.
    private let content: [UInt8]
    private let exchangeCount: Int
    private let routingKeyCount: Int
    private let propertiesCount: Int

    init(_ message: WalkedMessage, bodyBytesMax: Int) {
        let view = message.view
        let place = message.entry.place
        id = MessageID(rawValue: message.entry.sequence)
        state = message.state
        isRedelivered = message.entry.redelivered
        publishedAtMilliseconds = view.publishedAtMilliseconds
        let deadline = message.queue.deadlineMilliseconds(of: view, at: place)
        deadlineMilliseconds = deadline < .max ? deadline : nil
        let count = message.queue.returnCounts[message.entry.sequence]
        deliveryCount = count?.failed ?? 0
        acquiredCount = count?.acquired ?? 0
        let death = message.undeliverableDeath
        undeliverableReason = death?.reason.rawValue
        undeliverableSinceSeconds = death.flatMap { $0.atSeconds > 0 ? $0.atSeconds : nil }
        editID = message.queue.core.edits.edit(of: message.entry, in: message.queue)
        bodyByteCount = view.bodyCount
        exchangeCount = view.exchange.count
        routingKeyCount = view.routingKey.count
        propertiesCount = view.propertiesCount
        content = Array(view.contentWithoutBlindKeys.prefix(Self.byteCount(of: view, bodyBytesMax: bodyBytesMax)))
    }

    /// What a copy takes.
    static func byteCount(of view: MessageView, bodyBytesMax: Int) -> Int {
        view.exchange.count + view.routingKey.count + view.propertiesCount + min(view.bodyCount, bodyBytesMax)
    }

    /// The exchange that it was published to. As below, what is not UTF-8 is repaired.
    public var exchange: String { String(decoding: content[..<exchangeCount], as: UTF8.self) }

    public var routingKey: String {
        String(decoding: content[exchangeCount..<exchangeCount + routingKeyCount], as: UTF8.self)
    }

    /// As the publisher gave them, or the broker with a dead letter.
    public var properties: BasicProperties {
        let first = exchangeCount + routingKeyCount
        // They were checked when the message came in.
        return content[first..<first + propertiesCount].withUnsafeBytes {
            (try? BasicProperties(decoding: $0)) ?? BasicProperties()
        }
    }

    /// The properties as they stand in a content header: flags and list.
    public var encodedProperties: ArraySlice<UInt8> {
        let first = exchangeCount + routingKeyCount
        return content[first..<first + propertiesCount]
    }

    /// The body, or its beginning; empty if it was not asked for.
    public var body: ArraySlice<UInt8> { content[(exchangeCount + routingKeyCount + propertiesCount)...] }

    public var isBodyCut: Bool { body.count < bodyByteCount }
}
