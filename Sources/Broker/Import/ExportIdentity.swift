/// What tells an exported message from all others, also from those of other brokers: its queue, its id there, and when it joined that,
/// which makes it another one than that of a queue of the same name elsewhere, or later.
public struct ExportIdentity: Equatable, Sendable {
    /// Of the queue's name: with the rest it stays within an identity's 255.
    private static let queueBytesMax = 180

    let queue: String
    let message: MessageID
    let publishedAtMilliseconds: UInt64

    public init(queue: String, message: MessageID, publishedAtMilliseconds: UInt64) {
        self.queue = Self.queueText(queue)
        self.message = message
        self.publishedAtMilliseconds = publishedAtMilliseconds
    }

    /// - Returns: nil for what was made by somebody else.
    init?(_ text: String) {
        guard let slash = text.lastIndex(of: "/") else { return nil }
        let parts = text[text.index(after: slash)...].split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let message = MessageID(String(parts[0])), let time = UInt64(parts[1]) else {
            return nil
        }
        queue = String(text[..<slash])
        self.message = message
        publishedAtMilliseconds = time
    }

    public var text: String { "\(queue)/\(message)@\(publishedAtMilliseconds)" }

    /// As much of a queue's name as stands in an identity.
    static func queueText(_ name: String) -> String {
        var name = name
        while name.utf8.count > queueBytesMax { name.removeLast() }
        return name
    }
}
