/// How many messages somebody means.
public struct MessageCount: Sendable, Equatable {
    /// Messages that one request looks at, unless it says otherwise, …
    public static let scannedDefault = 1_000_000
    /// … and at the most.
    public static let scannedMax = 100_000_000

    /// Those in the states asked for that were looked at, …
    public let scanned: Int
    /// … those of them that the filter matches, …
    public let matched: Int
    /// … and those that it could not decide on (`FilterLimits`).
    public let undecided: Int
    /// Of the bodies of those that match.
    public let bytes: Int
    /// Where it goes on; nil if everything has been looked at.
    public let next: MessageID?

    public var isComplete: Bool { next == nil }
}
