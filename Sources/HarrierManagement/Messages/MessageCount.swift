import LosslessJSON

/// How many messages a query matches.
public struct MessageCount: Sendable, Equatable {
    public internal(set) var matched = 0
    /// Messages that were looked at: all in the query's states.
    public internal(set) var scanned = 0
    /// Those that are too large for the filter to decide on.
    public internal(set) var undecided = 0
    /// Of the bodies of those that match.
    public internal(set) var bytes = 0

    init() {}

    init(_ json: JSONObject) {
        matched = json.integer("matched") ?? 0
        scanned = json.integer("scanned") ?? 0
        undecided = json.integer("undecided") ?? 0
        bytes = json.integer("bytes") ?? 0
    }

    mutating func add(_ other: MessageCount) {
        matched += other.matched
        scanned += other.scanned
        undecided += other.undecided
        bytes += other.bytes
    }
}
