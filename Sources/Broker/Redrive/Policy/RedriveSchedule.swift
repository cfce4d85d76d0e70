/// What can be told of a queue whose dead letters a policy has moved back, at a moment.
public struct RedriveSchedule: Sendable {
    /// The policy's name.
    public let policyName: String
    public let policy: RedrivePolicy
    /// When the next run begins, unless the one before is still under way then; milliseconds since 1970.
    public let nextRunAtMilliseconds: UInt64
    public let last: Run?
    /// The task that is under way, or paused.
    public let runningTask: UInt64?

    /// What a run has come to.
    public struct Run: Sendable, Equatable {
        /// Milliseconds since 1970.
        public let beganAtMilliseconds: UInt64
        public internal(set) var moved = 0
        /// Moved to the parking queue.
        public internal(set) var parked = 0
        /// What could not be moved, by cause.
        public internal(set) var stays: [RedriveCause: Int] = [:]
        /// Why it could not do what it should, if so.
        public internal(set) var note: String?
    }
}
