/// What moving would do, found without doing it.
public struct RedrivePlan: Sendable {
    /// Targets that a plan tells of.
    public static let targetsMax = 1000

    public struct Target: Sendable, Equatable {
        public let queue: String
        public internal(set) var messages: Int
        /// Of their bodies.
        public internal(set) var bytes: Int
    }

    /// What it is applied by.
    public let hash: String
    public let virtualHost: String
    public let queue: String
    /// The queue that it was asked for: of a restoration the one that the messages had been in.
    public let subject: String
    public let request: RedriveRequest
    public let user: String
    /// The policy that has it made; nil for a user's.
    public let policy: String?
    public let madeAtMilliseconds: UInt64
    /// What comes into the queue from here on is not moved: for each priority, the number of the next message then.
    public let highWaterMarks: [Int]
    /// The message with which the request's limit was reached: what stands behind it is not moved either.
    public let last: MessageID?

    public let scanned: Int
    public let matched: Int
    public let undecided: Int
    /// Of those that match, what would be moved.
    public let messages: Int
    public let bytes: Int
    /// Which queues they would come to, the one with the most first. A message may come to several.
    public let targets: [Target]
    /// Those that would stay, by cause.
    public let stays: [RedriveCause: Int]

    /// Of the queue, which may be another one of this name when the plan is applied.
    let queueID: UInt64

    public var staysCount: Int { stays.values.reduce(0, +) }
}
