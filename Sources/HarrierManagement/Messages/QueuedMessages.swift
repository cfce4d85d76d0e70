import LosslessJSON

/// Messages of a queue, fetched page by page as they are asked for, with no effect on them.
public struct QueuedMessages: AsyncSequence, Sendable {
    public typealias Element = QueuedMessage
    public typealias Failure = ManagementError

    /// Messages of one page.
    private static let pageLimit = 200

    let client: ManagementClient
    let queue: String
    let query: MessageQuery

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let messages: QueuedMessages
        private var page: ArraySlice<QueuedMessage> = []
        private var cursor: String?
        private var isAtEnd = false

        init(_ messages: QueuedMessages) { self.messages = messages }

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ManagementError) -> QueuedMessage? {
            while page.isEmpty, !isAtEnd { try await turnPage(isolation: actor) }
            return page.popFirst()
        }

        private mutating func turnPage(isolation actor: isolated (any Actor)?) async throws(ManagementError) {
            let (client, query) = (messages.client, messages.query)
            var pairs = query.pairs + [("body", query.body.rawValue), ("limit", "\(QueuedMessages.pageLimit)")]
            if let cursor { pairs.append(("cursor", cursor)) }
            let answer = try await client.object(client.messagesPath(messages.queue), pairs)
            page = try client.read(answer.objects("items")) { QueuedMessage($0) }[...]
            cursor = answer.text("cursor")
            isAtEnd = cursor == nil
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
