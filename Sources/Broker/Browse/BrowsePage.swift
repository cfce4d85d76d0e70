/// Messages of a queue, in its order: the highest priority first, in each the oldest first.
public struct BrowsePage: Sendable {
    public let messages: [BrowsedMessage]
    /// Messages in the states asked for that were looked at.
    public let scanned: Int
    /// Those of them that the filter could not decide on (`FilterLimits`): they are not shown.
    public let undecided: Int
    /// Where the next page begins; nil if this is the last.
    public let next: MessageID?

    /// Of a queue that there is not yet.
    public static let empty = BrowsePage(messages: [], scanned: 0, undecided: 0, next: nil)

    public var isComplete: Bool { next == nil }
}
