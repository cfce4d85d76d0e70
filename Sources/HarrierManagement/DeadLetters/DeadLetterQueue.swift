import LosslessJSON

/// A queue that dead letters come to, or that was asked for by its name.
public struct DeadLetterQueue: Sendable, Equatable {
    /// A queue whose dead letters come to it, and the way that they take.
    public struct Source: Sendable, Equatable {
        public let queue: String
        public let exchange: String
        /// Nil if messages keep their own keys.
        public let routingKey: String?
    }

    public let name: String
    /// All that the queue holds, whatever its state.
    public let messages: Int
    public let consumers: Int
    /// Since the oldest message joined the queue; nil if there is none, or that is not known now.
    public let oldestAgeMilliseconds: Int?
    /// Dead letters that have come in the last 55 to 60 seconds.
    public let deadLettersLastMinute: Int
    /// What the first 1000 messages died of, and how many of each; `none` for those that have not died. Nil if that is not
    /// known now, or nothing of the user's business.
    public let reasons: [String: Int]?
    public let sources: [Source]

    init?(_ json: JSONObject) {
        guard let name = json.text("name"), let messages = json.integer("messages") else { return nil }
        self.name = name
        self.messages = messages
        consumers = json.integer("consumers") ?? 0
        oldestAgeMilliseconds = json.integer("oldest_message_age_ms")
        deadLettersLastMinute = json.integer("dead_letters_last_minute") ?? 0
        reasons = json.object("reasons").map { $0.fields.compactMapValues(\.integer) }
        sources = (json.objects("sources") ?? []).compactMap { source in
            guard let queue = source.text("queue"), let exchange = source.text("exchange") else { return nil }
            return Source(queue: queue, exchange: exchange, routingKey: source.text("routing_key"))
        }
    }
}
