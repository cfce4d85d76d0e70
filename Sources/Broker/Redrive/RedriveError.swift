/// Why messages are not moved.
public enum RedriveError: Error, Equatable, CustomStringConvertible {
    /// What was asked for can't be.
    case badRequest(String)
    /// The user has made no plan with this hash for this queue, or it has been applied, the broker has been started anew, or
    /// `RedriveTasks.plansMax` have been made since.
    case planUnknown
    /// The plan is one to do something else.
    case planOfOther(RedriveTask.Action)
    /// The plan was made with another value of the field than is said with it.
    case planDiffers(String)
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
        case .planUnknown: "you have made no such plan for this queue, or it is not known any more: make it anew"
        case .planOfOther(let action): "that plan is one to \(action.rawValue) messages"
        case .planDiffers(let option):
            "that plan was made with another '\(option)': apply it without options, or make a new plan with them"
        case .taskUnknown: "there is no such task"
        case .tooManyTasks:
            "\(RedriveTasks.runningMax) tasks run or are paused already: try again when one of them is over"
        case .cannotUndo(let reason): "it can't be undone: \(reason)"
        case .wrongStatus(let status): "the task is \(status.rawValue)"
        }
    }
}
