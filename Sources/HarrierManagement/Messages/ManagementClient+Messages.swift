import LosslessJSON

extension ManagementClient {
    func messagesPath(_ queue: String, _ rest: String...) -> [String] {
        ["dlq", virtualHost, queue, "messages"] + rest
    }

    /// Messages of a queue in its order, in any state, with no effect on them.
    ///
    /// Pages are fetched while the sequence is gone through: what comes in meanwhile is met if it stands behind that place.
    public func messages(in queue: String, matching query: MessageQuery = MessageQuery()) -> QueuedMessages {
        QueuedMessages(client: self, queue: queue, query: query)
    }

    /// One message with its whole body; nil if it is not in the queue any more.
    ///
    /// - Parameter body: what the user may not see is refused with 401.
    /// - Throws: `refused` with 404 if the queue is not there either.
    public func message(
        _ id: String, in queue: String, body: MessageQuery.Body = .text
    ) async throws(ManagementError) -> QueuedMessage? {
        do {
            return try read(try await object(messagesPath(queue, id), [("body", body.rawValue)])) { QueuedMessage($0) }
        } catch {
            guard error.isNotFound else { throw error }
            // It is the message, if the queue is there.
            _ = try await object(["queues", virtualHost, queue])
            return nil
        }
    }

    /// A message's body as it is; nil if the message is not there.
    public func body(of id: String, in queue: String) async throws(ManagementError) -> [UInt8]? {
        try await bytesIfThere(messagesPath(queue, id, "body"))
    }

    /// Counts messages of the whole queue. May take minutes beside others' load.
    public func count(
        in queue: String, matching query: MessageQuery = MessageQuery()
    ) async throws(ManagementError) -> MessageCount {
        var count = MessageCount()
        var cursor: String?
        repeat {
            let pairs = query.pairs + (cursor.map { [("cursor", $0)] } ?? [])
            let answer = try await object(messagesPath(queue, "count"), pairs, isLong: true)
            count.add(MessageCount(answer))
            cursor = answer.text("cursor")
        } while cursor != nil
        return count
    }

    /// What messages have in common. May take minutes beside others' load.
    ///
    /// - Parameters:
    ///   - field: as filters name it: `reason`, `source`, `key`, `header.x-exception-message`, `$.order.country`.
    ///   - limit: groups that are told of, at most 1000.
    ///   - scan: messages that are looked at, at most 100,000,000.
    public func groups(
        in queue: String, by field: String, matching query: MessageQuery = MessageQuery(), limit: Int = 50,
        scan: Int = 1_000_000
    ) async throws(ManagementError) -> MessageGroups {
        let pairs = query.pairs + [("by", field), ("limit", "\(limit)"), ("scan", "\(scan)")]
        let answer = try await object(messagesPath(queue, "groups"), pairs, isLong: true)
        return MessageGroups(
            groups: try read(answer.objects("items")) { MessageGroups.Group($0) },
            other: answer.object("other").flatMap { MessageGroups.Group($0) }, count: MessageCount(answer),
            isComplete: answer.boolean("is_complete"))
    }
}
