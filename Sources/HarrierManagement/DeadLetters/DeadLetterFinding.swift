import LosslessJSON

/// Something that somebody should know of a queue's dead letters: an alert that is on, or a fault in the topology.
public struct DeadLetterFinding: Sendable, Equatable {
    public let queue: String
    /// A word for programs: `depth`, `undeliverable`, `breaker_open`…, or `no_exchange`, `loop`…
    public let kind: String
    /// A sentence for people.
    public let text: String
    /// Whether it is more than a warning. Alerts always are.
    public let isError: Bool

    init?(alert json: JSONObject) {
        guard let queue = json.text("queue"), let kind = json.text("alert") else { return nil }
        self.init(queue: queue, kind: kind, text: json.text("text") ?? "", isError: true)
    }

    init?(problem json: JSONObject) {
        guard let queue = json.text("queue"), let kind = json.text("problem") else { return nil }
        self.init(queue: queue, kind: kind, text: json.text("text") ?? "", isError: json.text("severity") == "error")
    }

    private init(queue: String, kind: String, text: String, isError: Bool) {
        self.queue = queue
        self.kind = kind
        self.text = text
        self.isError = isError
    }
}
