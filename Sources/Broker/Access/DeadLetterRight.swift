import AMQPProtocol

/// What somebody may do with messages that lie in queues, beside what permissions say of the queues: the tag that grants it.
public enum DeadLetterRight: String, Sendable, CaseIterable {
    /// Everything that is known of messages but their bodies, headers included.
    case metadata = "dlq_metadata"
    case bodies = "dlq_bodies"
    /// Moving them, undoing that, and importing.
    case move = "dlq_move"
    case edit = "dlq_edit"
    /// Deleting and restoring them, and cancelling what is scheduled.
    case delete = "dlq_delete"

    /// What all these tags begin with: no other tag may.
    static let tagPrefix = "dlq_"

    /// For people: what a user may do.
    public var explanation: String {
        switch self {
        case .metadata: "look at messages"
        case .bodies: "look at bodies of messages"
        case .move: "move messages"
        case .edit: "edit messages"
        case .delete: "delete messages"
        }
    }

    /// What is wrong with a user's tag; nil if nothing is.
    static func mistake(inTag tag: String) -> String? {
        guard tag.hasPrefixBytes(tagPrefix), DeadLetterRight(rawValue: tag) == nil else { return nil }
        return "tags: no right for dead letters is called '\(tag)': expected some of "
            + allCases.map(\.rawValue).joined(separator: ", ")
    }
}

extension User {
    /// Whether any of the user's tags is about rights for dead letters: they have just those then.
    public var hasDeadLetterTags: Bool { tags.contains { $0.hasPrefixBytes(DeadLetterRight.tagPrefix) } }

    /// Without a tag about them all, as RabbitMQ's tags alone decide then who is let in.
    public var deadLetterRights: Set<DeadLetterRight> {
        hasDeadLetterTags ? Set(tags.compactMap { DeadLetterRight(rawValue: $0) }) : Set(DeadLetterRight.allCases)
    }
}
