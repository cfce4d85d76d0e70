import LosslessJSON

/// Which messages are to be moved, where, and how.
public struct MoveRequest: Sendable, Equatable {
    public enum Order: Sendable, Equatable {
        case oldest, newest
        /// So many as `limit` says, by chance; with the same seed the same ones.
        case sample(seed: Int? = nil)
    }

    /// What becomes of a property.
    public enum Change: Sendable, Equatable {
        case keep, clear
        case set(Int)

        var json: JSONValue {
            switch self {
            case .keep: "keep"
            case .clear: "clear"
            case .set(let value): JSONValue(value)
            }
        }
    }

    /// Some messages go first, and the others follow unless too many of them come back.
    public struct Canary: Sendable, Equatable {
        public var messages: Int
        public var waitMilliseconds: Int
        public var returnsPercentMax: Int

        public init(messages: Int, waitMilliseconds: Int = 60_000, returnsPercentMax: Int = 0) {
            self.messages = messages
            self.waitMilliseconds = waitMilliseconds
            self.returnsPercentMax = returnsPercentMax
        }
    }

    /// Nil for all messages in these states.
    public var filter: String?
    /// Of ready and undeliverable messages; empty for the ready ones.
    public var states: Set<QueuedMessage.State> = [.ready]
    public var destination = MoveDestination.original()
    public var order = Order.oldest
    /// Messages, at the most.
    public var limit: Int?
    public var messagesPerSecond: Int?
    /// Of bodies.
    public var bytesPerSecond: Int?
    /// A queue with so many messages gets no more until it has fewer.
    public var targetDepthMax: Int?
    public var canary: Canary?
    /// What has been moved back so often stays.
    public var redrivenMax = 10
    /// Whether `x-death` and the headers that go with it are taken out.
    public var resetsDeaths = false
    /// In milliseconds.
    public var timeToLive = Change.keep
    public var priority = Change.keep

    public init(_ filter: String? = nil, to destination: MoveDestination = .original()) {
        self.filter = filter
        self.destination = destination
    }

    var json: JSONObject {
        var fields = destination.fields
        fields["filter"] = JSONValue(filter)
        fields["state"] = JSONValue(MessageQuery(states: states).statesText)
        switch order {
        case .oldest: fields["order"] = "oldest"
        case .newest: fields["order"] = "newest"
        case .sample(let seed):
            fields["order"] = "sample"
            fields["seed"] = JSONValue(seed)
        }
        fields["limit"] = JSONValue(limit)
        fields["rate"] = JSONValue(messagesPerSecond)
        fields["byte_rate"] = JSONValue(bytesPerSecond)
        fields["target_depth_max"] = JSONValue(targetDepthMax)
        if let canary {
            fields["canary"] = JSONValue(canary.messages)
            fields["canary_wait_ms"] = JSONValue(canary.waitMilliseconds)
            fields["canary_returns_max"] = JSONValue(canary.returnsPercentMax)
        }
        fields["redriven_max"] = JSONValue(redrivenMax)
        fields["deaths"] = resetsDeaths ? "reset" : "keep"
        fields["ttl"] = timeToLive.json
        fields["priority"] = priority.json
        return JSONObject(fields)
    }
}
