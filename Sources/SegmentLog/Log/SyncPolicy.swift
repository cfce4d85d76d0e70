/// When what was appended counts as durable.
public enum SyncPolicy: Equatable, Sendable {
    /// After a sync: survives a power failure.
    case sync
    /// Once the operating system has it: survives the end of the process. A sync follows within `milliseconds`, so a
    /// power failure costs at most that much.
    case interval(milliseconds: Int)
    /// Once the operating system has it, which writes it out when it likes.
    case none
}
