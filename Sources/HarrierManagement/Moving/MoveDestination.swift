import LosslessJSON

/// Where messages go.
public enum MoveDestination: Sendable, Equatable {
    /// Which of a message's deaths says where it had been.
    public enum Death: String, Sendable {
        case newest, oldest
    }

    /// To the exchange and with the keys that a message had before it died: all queues that are bound get it.
    case original(Death = .newest)
    /// Straight to the queue that it died in.
    case originalQueue(Death = .newest)
    /// To an exchange, with a key or each message's own.
    case exchange(String, routingKey: String? = nil)
    /// Straight to a queue.
    case queue(String)

    var fields: [String: JSONValue] {
        switch self {
        case .original(let death): ["to": "original", "death": .string(death.rawValue)]
        case .originalQueue(let death): ["to": "original-queue", "death": .string(death.rawValue)]
        case .exchange(let name, let key):
            ["to": "exchange", "exchange": .string(name), "routing_key": JSONValue(key)]
        case .queue(let name): ["to": "queue", "queue": .string(name)]
        }
    }
}
