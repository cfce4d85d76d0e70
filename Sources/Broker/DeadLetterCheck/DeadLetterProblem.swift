/// Something that is wrong with where a queue's dead letters go.
public struct DeadLetterProblem: Sendable, Equatable {
    public enum Severity: String, Sendable {
        /// Messages get stuck, or are lost.
        case error
        /// Messages may be.
        case warning
    }

    public let queue: String
    public let severity: Severity
    /// A word for programs.
    public let name: String
    public let text: String
}
