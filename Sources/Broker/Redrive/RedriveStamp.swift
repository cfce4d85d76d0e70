/// What a moved message is marked with.
struct RedriveStamp {
    enum Kind {
        /// `x-redriven-count`, `-at`, `-by`, `-task`.
        case moved
        /// `x-deleted-from`, `-at`, `-by`, `-task`.
        case deleted
        /// Nothing, and what `deleted` has written is taken out.
        case restored
        /// As before the move that is undone, but for the time, the user and the task of one before that.
        case undone
        /// `x-edited-by`, `-at`, `x-original-queue`, `-id`.
        case edited
    }

    let kind: Kind
    /// The queue that it leaves.
    let queue: String
    /// Who has it moved.
    let user: String
    let task: UInt64
    /// The original of an edited copy.
    let message: MessageID?

    init(_ destination: RedriveDestination, queue: String, user: String, task: UInt64) {
        kind =
            switch destination {
            case .original, .originalQueue, .exchange, .queue: .moved
            case .bin: .deleted
            case .deletedFrom: .restored
            case .undone: .undone
            }
        self.queue = queue
        self.user = user
        self.task = task
        message = nil
    }

    init(editOf message: MessageID, of queue: String, user: String) {
        kind = .edited
        self.queue = queue
        self.user = user
        task = 0
        self.message = message
    }
}
