/// Messages that are being moved, or have been: what is known of it, also after a restart.
public struct RedriveTask: Sendable {
    public enum Status: String, Sendable, CaseIterable {
        case running
        case paused
        /// Everything in the plan's range has been looked at.
        case done
        case cancelled
        /// It can't go on: `note` says why.
        case failed

        public var isOver: Bool { self != .running && self != .paused }
    }

    /// A message that stays where it is.
    public struct Left: Sendable, Equatable {
        public let id: MessageID
        public let cause: RedriveCause
    }

    /// Messages that stay and are listed.
    public static let leftListedMax = 1000
    public static let targetsMax = 100
    /// Of those, as many as are still known after a restart.
    static let leftRecordedMax = 100

    public let id: UInt64
    public let virtualHost: String
    public let queue: String
    public let plan: String
    public let request: RedriveRequest
    /// Who has begun it, as it stands in `x-redriven-by`: a user, or a policy.
    public let user: String
    /// The policy that has begun it; nil if a user has.
    public let policy: String?
    public let startedAtMilliseconds: UInt64
    /// What the plan said would be moved.
    public let plannedMessages: Int
    public let plannedBytes: Int

    public internal(set) var status = Status.running
    /// Why it is as it is, if that is not plain.
    public internal(set) var note: String?
    public internal(set) var finishedAtMilliseconds: UInt64?
    /// What has been moved. After a crash it may miss what was moved in the last hundredth of a second: what is where is exact
    /// all the same.
    public internal(set) var moved = 0
    public internal(set) var movedBytes = 0
    public internal(set) var undecided = 0
    /// Those that stay, by cause.
    public internal(set) var stays: [RedriveCause: Int] = [:]
    public internal(set) var left: [Left] = []
    /// How many messages have come to which queues, up to `targetsMax` of them.
    public internal(set) var targets: [String: Int] = [:]
    /// Copies that have come to queues; more than `moved` if a message has come to several.
    public internal(set) var copies = 0
    /// When it is looked whether messages have come back, in milliseconds since 1970.
    public internal(set) var canaryEndsAtMilliseconds: UInt64?
    /// How many of the first messages had come back then.
    public internal(set) var canaryReturned: Int?

    let queueID: UInt64
    let highWaterMarks: [Int]
    /// As in the plan.
    let last: MessageID?
    /// What the plan said would stay.
    let plannedStays: Int
    /// Where it goes on; nil for the begin.
    var place: MessageID?

    /// What is done with the messages.
    public enum Action: String, Sendable {
        case move, delete, restore, undo

        /// As it is said of messages.
        public var participle: String {
            switch self {
            case .move: "moved"
            case .delete: "deleted"
            case .restore: "restored"
            case .undo: "brought back"
            }
        }

        /// What its user has to be allowed.
        public var right: DeadLetterRight {
            switch self {
            case .move, .undo: .move
            case .delete, .restore: .delete
            }
        }
    }

    public var action: Action { request.destination.action }

    var stamp: RedriveStamp { RedriveStamp(request.destination, queue: queue, user: user, task: id) }

    public var staysCount: Int { stays.values.reduce(0, +) }

    var range: RedriveRange { RedriveRange(highWaterMarks: highWaterMarks, order: request.options.order, last: last) }

    init(_ plan: RedrivePlan, id: UInt64, nowMilliseconds: UInt64) {
        self.id = id
        virtualHost = plan.virtualHost
        queue = plan.queue
        self.plan = plan.hash
        request = plan.request
        user = plan.user
        policy = plan.policy
        startedAtMilliseconds = nowMilliseconds
        plannedMessages = plan.messages
        plannedBytes = plan.bytes
        queueID = plan.queueID
        highWaterMarks = plan.highWaterMarks
        last = plan.last
        plannedStays = plan.staysCount
    }

    /// Messages that the plan has counted and the task has not met, or not as the filter wants them: they have left the queue
    /// before it was their turn. Nil as long as nobody knows.
    public var gone: Int? {
        guard status == .done else { return nil }
        return max(0, plannedMessages + plannedStays - moved - staysCount)
    }

    mutating func count(_ messages: Int, to queue: String?) {
        copies += messages
        guard let queue, targets[queue] != nil || targets.count < Self.targetsMax else { return }
        targets[queue, default: 0] += messages
    }

    mutating func stay(_ id: MessageID, _ cause: RedriveCause) {
        stays[cause, default: 0] += 1
        if left.count < Self.leftListedMax { left.append(Left(id: id, cause: cause)) }
    }
}
