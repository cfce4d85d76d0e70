/// Groups of a queue's messages, the largest first.
public struct MessageGroups: Sendable {
    /// Groups that are told apart: what comes when there are so many goes to `others`.
    public static let trackedMax = 10_000
    /// Groups that are listed at the most.
    public static let listedMax = 1000

    public let groups: [MessageGroup]
    /// All that is in none of them; nil if there is nothing.
    public let others: MessageGroup?
    /// Groups that were told apart.
    public let groupCount: Int
    /// There may be more groups than were told apart.
    public let isGroupCountALimit: Bool
    /// What was looked at. Undecided are also those that are too large to say what group they are of.
    public let count: MessageCount
}
