import Broker

extension BrowseRequest {
    /// `limit` (1 to 1000, 100 unless said), `cursor`, as the page before gave it, and `filter`.
    ///
    /// - Throws: 400 for what can't be.
    init(_ query: Query, states: MessageStates, bodyBytesMax: Int) throws {
        var cursor: MessageID?
        if let text = query["cursor"] {
            guard let id = MessageID(text) else { throw APIError.badRequest("cursor: not one of ours: '\(text)'") }
            cursor = id
        }
        self.init(
            states: states, cursor: cursor, limit: try query.integer("limit", in: 1...Self.messagesMax) ?? 100,
            bodyBytesMax: bodyBytesMax, filter: try MessageFilter(query))
    }

    /// What `count` and `group` look at: `state`, `cursor` and `filter`.
    init(_ query: Query) throws {
        try self.init(query, states: try MessageStates(query), bodyBytesMax: 0)
    }
}

extension MessageStates {
    /// `state`; all if it is not there.
    init(_ query: Query) throws { self = try query["state"].map { try MessageStates(names: $0) } ?? .all }

    /// Some of them, with commas between.
    ///
    /// - Throws: 400 for a state that is none.
    init(names: String) throws {
        self.init()
        for name in names.split(separator: ",") {
            guard let state = MessageState(rawValue: String(name)) else {
                let known = MessageState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError.badRequest("state: expected one of \(known), not '\(name)'")
            }
            insert(MessageStates(state))
        }
    }
}

extension MessageFilter {
    /// `filter`; every message if it is not there.
    init(_ query: Query) throws { self = try query["filter"].map { try MessageFilter($0) } ?? .everything }
}
