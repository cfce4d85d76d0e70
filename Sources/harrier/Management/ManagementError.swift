/// Why the management API did not do what was asked. Never tells the password.
enum ManagementError: Error, CustomStringConvertible {
    case unreachable(base: String, reason: String)
    /// The broker has answered, and refused.
    case refused(status: UInt, reason: String)
    /// What it says makes no sense here: some other server, perhaps.
    case notUnderstood(base: String)

    var description: String {
        switch self {
        case .unreachable(let base, let reason): "cannot reach \(base): \(reason)"
        case .refused(401, let reason): "not allowed (401): \(reason)"
        case .refused(404, let reason): "not found (404): \(reason)"
        case .refused(let status, let reason): "refused (\(status)): \(reason)"
        case .notUnderstood(let base): "\(base) does not answer as a management API"
        }
    }

    var isNotFound: Bool {
        if case .refused(404, _) = self { true } else { false }
    }
}
