import Broker
import LosslessJSON

extension JSONValue {
    /// `since` is in milliseconds since 1970.
    init(_ alert: DeadLetterAlert) {
        self = [
            "queue": .string(alert.queue), "vhost": .string(alert.virtualHost),
            "alert": .string(alert.kind.rawValue), "since": .unsigned(alert.sinceMilliseconds),
            "value": .unsigned(alert.value), "threshold": .unsigned(alert.threshold),
            "text": .string(Self.text(alert)),
        ]
    }

    private static func text(_ alert: DeadLetterAlert) -> String {
        switch alert.kind {
        case .depth: "\(alert.value) messages are in the queue (dead-letter-alert-depth: \(alert.threshold))"
        case .rate: "\(alert.value) messages a second join the queue (dead-letter-alert-rate: \(alert.threshold))"
        case .age:
            "the oldest message is \(alert.value / 1000) s old (dead-letter-alert-age: \(alert.threshold / 1000) s)"
        case .unconsumed: "\(alert.value) messages are in the queue, and no consumer (dead-letter-alert-unconsumed)"
        }
    }

    /// An open breaker as an alert.
    init(_ breaker: BreakerState, of queue: QueueFacts, since time: UInt64, text: String) {
        self = [
            "queue": .string(queue.name), "vhost": .string(queue.virtualHost), "alert": "breaker_open",
            "since": .unsigned(time), "value": .unsigned(breaker.rejectedCount),
            "threshold": .unsigned(breaker.policy.countMax), "text": .string(text),
            "resumes_at": JSONValue(breaker.resumesAtMilliseconds),
        ]
    }

    /// A queue's flood breaker; null if it has none. Times are in milliseconds since 1970.
    init(_ breaker: BreakerState?) {
        guard let breaker else {
            self = .null
            return
        }
        self = [
            "state": breaker.isOpen ? "open" : "closed", "rate": JSONValue(breaker.policy.rate),
            "percent": JSONValue(breaker.policy.percent), "window_ms": .unsigned(breaker.policy.windowMilliseconds),
            "resume_ms": JSONValue(breaker.policy.resumeMilliseconds),
            "opened_at": JSONValue(breaker.openedAtMilliseconds),
            "resumes_at": JSONValue(breaker.resumesAtMilliseconds), "rejected": .unsigned(breaker.rejectedCount),
        ]
    }
}
