/// Why messages are not moved.
public enum RedriveError: Error, Equatable, CustomStringConvertible {
    /// What was asked for can't be.
    case badRequest(String)
    /// No plan has this hash: it has been applied, the broker has been started anew, or `RedriveTasks.plansMax` have been made
    /// since.
    case planUnknown
    case taskUnknown
    /// So many tasks run: `RedriveTasks.runningMax`.
    case tooManyTasks
    /// What the task has done can't be undone.
    case cannotUndo(String)
    /// The task is not in a state in which it could be done.
    case wrongStatus(RedriveTask.Status)

    public var description: String {
        switch self {
        case .badRequest(let reason): reason
        case .planUnknown: "there is no such plan, or not any more: make it anew"
        case .taskUnknown: "there is no such task"
        case .tooManyTasks: "\(RedriveTasks.runningMax) tasks run already: try again later"
        case .cannotUndo(let reason): "it can't be undone: \(reason)"
        case .wrongStatus(let status): "the task is \(status.rawValue)"
        }
    }
}
