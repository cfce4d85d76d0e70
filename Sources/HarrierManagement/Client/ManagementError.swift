/// Why the management API did not do what was asked. Never tells the password.
public enum ManagementError: Error, Equatable, CustomStringConvertible {
    /// The address is none, as `http://user:password@host:port` is.
    case badAddress
    case unreachable(base: String, reason: String)
    /// The broker has answered, and refused, with an HTTP status and its own words.
    case refused(status: Int, reason: String)
    /// What it says makes no sense here: some other server, perhaps.
    case notUnderstood(base: String)
    /// Its answer is larger than `ManagementClient.answerBytesMax`.
    case answerTooLarge
    /// The task that has asked was cancelled; whether the broker has done what it was asked for, nobody knows.
    case cancelled
    /// No task of a broker has such an id.
    case badTaskID(String)

    public var description: String {
        switch self {
        case .badAddress: "expected an address like http://user:password@host:port"
        case .unreachable(let base, let reason): "cannot reach \(base): \(reason)"
        case .refused(401, let reason): "not allowed (401): \(reason)"
        // RabbitMQ's words, which do not say what.
        case .refused(404, "Not Found"): "not found (404): there is no such virtual host, or nothing of that name"
        case .refused(404, let reason): "not found (404): \(reason)"
        case .refused(let status, let reason): "refused (\(status)): \(reason)"
        case .answerTooLarge: "the answer is larger than \(ManagementClient.answerBytesMax) bytes"
        case .cancelled: "it was cancelled"
        case .badTaskID(let id): "no task has the id '\(id)'"
        case .notUnderstood(let base): "\(base) does not answer as a management API"
        }
    }

    /// Whether the broker has said that it does not do it, so that nothing was done.
    public var isRefusal: Bool {
        if case .refused(400..<500, _) = self { true } else { false }
    }

    /// Whether what was asked for is not there.
    public var isNotFound: Bool {
        if case .refused(404, _) = self { true } else { false }
    }
}
