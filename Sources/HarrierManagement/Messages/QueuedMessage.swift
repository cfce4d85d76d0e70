import LosslessJSON

/// A message where it is, as it was looked at.
public struct QueuedMessage: Sendable, Equatable {
    public enum State: String, Sendable, CaseIterable {
        case ready
        /// In a consumer's hands.
        case unacked
        /// It has come back, and waits before it is ready again.
        case delayed
        /// A dead letter that nobody takes.
        case undeliverable
    }

    /// Names the message in its queue as long as it is there.
    public let id: String
    public let state: State
    public let exchange: String
    public let routingKey: String
    /// With the names of RabbitMQ's HTTP API: `content_type`, `headers`…
    public let properties: JSONObject
    /// Of the whole body.
    public let bodyByteCount: Int
    /// The body as JSON, or as text; nil for one that is neither, or was not asked for. ``ManagementClient/body(of:in:)`` has it
    /// as it is.
    public let body: JSONValue?
    /// Whether `body` is only its begin.
    public let isBodyCut: Bool
    /// When it joined the queue, in milliseconds since 1970.
    public let publishedAtMilliseconds: Int
    /// The edit whose copy is under way.
    public let editID: String?

    public var headers: JSONObject { properties.object("headers") ?? [:] }

    init?(_ json: JSONObject) {
        guard let id = json.text("id"), let state = json.text("state").flatMap({ State(rawValue: $0) }) else {
            return nil
        }
        self.id = id
        self.state = state
        exchange = json.text("exchange") ?? ""
        routingKey = json.text("routing_key") ?? ""
        properties = json.object("properties") ?? [:]
        bodyByteCount = json.integer("payload_bytes") ?? 0
        body = json.text("payload_encoding") == "base64" ? nil : json["payload"]
        isBodyCut = json.boolean("payload_truncated")
        publishedAtMilliseconds = json.integer("published_at") ?? 0
        editID = json.text("edit_id")
    }
}
