import LosslessJSON

/// What an action on a queue's messages would do. Nothing is done before it is applied; what comes into the queue after it was made is
/// not meant.
public struct MessagePlan: Sendable, Equatable {
    public enum Action: String, Sendable {
        case move, delete, restore
    }

    public struct Target: Sendable, Equatable {
        public let queue: String
        public let messages: Int
        /// Of bodies.
        public let bytes: Int
    }

    public let action: Action
    /// The queue that the messages are in, or were deleted from.
    public let queue: String
    public let hash: String
    /// What would be moved, …
    public let messages: Int
    public let bytes: Int
    /// … to which queues, the one with the most first, …
    public let targets: [Target]
    /// … and what would stay, by cause.
    public let stays: [String: Int]
    public let count: MessageCount

    init?(_ json: JSONObject, _ action: Action, of queue: String) {
        guard let hash = json.text("plan"), let messages = json.integer("messages") else { return nil }
        self.action = action
        self.queue = queue
        self.hash = hash
        self.messages = messages
        bytes = json.integer("bytes") ?? 0
        targets = (json.objects("targets") ?? []).map { target in
            Target(
                queue: target.text("queue") ?? "", messages: target.integer("messages") ?? 0,
                bytes: target.integer("bytes") ?? 0)
        }
        stays = (json.object("stays") ?? [:]).fields.compactMapValues(\.integer)
        count = MessageCount(json)
    }
}
