import LosslessJSON

/// What a queue's messages have in common, the largest groups first.
public struct MessageGroups: Sendable, Equatable {
    public struct Group: Sendable, Equatable {
        /// Nil for messages that do not have the field.
        public let key: String?
        public let messages: Int
        public let bytes: Int
        /// When the first and the last of them joined the queue, in milliseconds since 1970.
        public let firstSeenMilliseconds: Int
        public let lastSeenMilliseconds: Int
        /// One of them.
        public let sampleID: String

        init?(_ json: JSONObject) {
            guard let messages = json.integer("messages") else { return nil }
            key = json.text("key")
            self.messages = messages
            bytes = json.integer("bytes") ?? 0
            firstSeenMilliseconds = json.integer("first_seen") ?? 0
            lastSeenMilliseconds = json.integer("last_seen") ?? 0
            sampleID = json.text("sample_id") ?? ""
        }
    }

    public let groups: [Group]
    /// All that is in none of them.
    public let other: Group?
    /// What was looked at.
    public let count: MessageCount
    /// Whether that was the whole queue.
    public let isComplete: Bool
}
