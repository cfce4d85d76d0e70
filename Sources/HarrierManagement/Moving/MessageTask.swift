import LosslessJSON

/// A plan that is being carried out, or has been. It goes on in the broker whatever becomes of its client, also after a restart.
public struct MessageTask: Sendable, Equatable {
    public enum Status: String, Sendable {
        case running, paused, done, cancelled, failed
    }

    /// A message that stays where it is.
    public struct Stay: Sendable, Equatable {
        public let id: String
        /// A word for programs: `unroutable`, `refused`, …
        public let cause: String
        /// A sentence for people.
        public let reason: String
    }

    public let id: String
    /// `move`, `delete`, `restore` or `undo`.
    public let action: String
    public let queue: String
    public let status: Status
    /// Why it is as it is, if that is not plain.
    public let note: String?
    public let plannedMessages: Int
    public let moved: Int
    /// Of bodies.
    public let movedBytes: Int
    /// What stays, by cause.
    public let stays: [String: Int]
    /// The first of those that stay, at most 1000.
    public let left: [Stay]
    /// Messages of the plan that had left the queue before it was their turn; nil before the end.
    public let gone: Int?

    init?(_ json: JSONObject) {
        guard let id = json.text("id"), let status = json.text("status").flatMap({ Status(rawValue: $0) }) else {
            return nil
        }
        self.id = id
        self.status = status
        action = json.text("action") ?? ""
        queue = json.text("queue") ?? ""
        note = json.text("note")
        plannedMessages = json.integer("planned_messages") ?? 0
        moved = json.integer("moved") ?? 0
        movedBytes = json.integer("moved_bytes") ?? 0
        stays = (json.object("stays") ?? [:]).fields.compactMapValues(\.integer)
        left = (json.objects("left") ?? []).map { left in
            Stay(id: left.text("id") ?? "", cause: left.text("cause") ?? "", reason: left.text("reason") ?? "")
        }
        gone = json.integer("gone")
    }
}
