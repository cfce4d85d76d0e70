import Broker

extension BrowseRequest {
    /// `limit` (1 to 1000, 100 unless said) and `cursor`, as the page before gave it.
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
            bodyBytesMax: bodyBytesMax)
    }
}
