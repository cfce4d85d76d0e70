/// Which messages of a queue to look at.
public struct BrowseRequest: Sendable {
    /// The most that one page holds: so many messages, …
    public static let messagesMax = 1000
    /// … so many bytes of bodies, properties and keys (but one message at the least, whatever its properties), …
    public static let bytesMax = 4 << 20
    /// … and so many messages looked at.
    public static let scannedMax = 100_000

    public var states: MessageStates
    /// Where to begin, as the page before said (`BrowsePage.next`); nil for the front of the queue.
    public var cursor: MessageID?
    public var limit: Int
    /// How much of each body is wanted, in bytes; none by default.
    public var bodyBytesMax: Int
    /// Which of them are shown.
    public var filter: MessageFilter

    /// - Parameters:
    ///   - limit: how many messages; 1 to `messagesMax`, what is outside counts as the nearest of them.
    ///   - bodyBytesMax: 0 to `bytesMax`, likewise.
    public init(
        states: MessageStates = .all, cursor: MessageID? = nil, limit: Int = 100, bodyBytesMax: Int = 0,
        filter: MessageFilter = .everything
    ) {
        self.filter = filter
        self.states = states
        self.cursor = cursor
        self.limit = min(max(1, limit), Self.messagesMax)
        self.bodyBytesMax = min(max(0, bodyBytesMax), Self.bytesMax)
    }
}
