import LosslessJSON

extension ManagementClient {
    /// The queues that dead letters come to, by their names.
    ///
    /// - Parameter patterns: instead, all queues with such a name: `*` is any text, `?` one character.
    public func deadLetterQueues(
        named patterns: [String] = []
    ) async throws(ManagementError) -> [DeadLetterQueue] {
        let answer = try await object(["dlq", virtualHost], patterns.map { ("pattern", $0) })
        return try read(answer.objects("queues")) { DeadLetterQueue($0) }
    }

    /// Queues with dead letters that nobody takes, and how many these are.
    public func undeliverableCounts() async throws(ManagementError) -> [String: Int] {
        let counts = try await list(["queues", virtualHost]).compactMap { queue in
            queue.text("name").map { ($0, queue.integer("messages_undeliverable") ?? 0) }
        }
        return Dictionary(counts.filter { $0.1 > 0 }) { first, _ in first }
    }

    /// What somebody should know now: by policies `dead-letter-alert-…`, and always undeliverable messages and paused queues.
    public func deadLetterAlerts() async throws(ManagementError) -> [DeadLetterFinding] {
        try read(try await list(["dlq-alerts", virtualHost])) { DeadLetterFinding(alert: $0) }
    }

    /// What is wrong with where dead letters go.
    public func deadLetterProblems() async throws(ManagementError) -> [DeadLetterFinding] {
        try read(try await list(["dlq-check", virtualHost])) { DeadLetterFinding(problem: $0) }
    }

    /// Lets deliveries of a queue go on that were paused since its consumers rejected too much.
    ///
    /// - Throws: `refused` with 409 if they are not paused.
    public func resumeDeliveries(of queue: String) async throws(ManagementError) {
        _ = try await post(["dlq", virtualHost, queue, "resume-deliveries"])
    }

    /// - Throws: `notUnderstood` if there is no list, or one of its elements is none of these.
    func read<Element>(
        _ items: [JSONObject]?, _ make: (JSONObject) -> Element?
    ) throws(ManagementError) -> [Element] {
        guard let items else { throw notUnderstood }
        let elements = items.compactMap(make)
        guard elements.count == items.count else { throw notUnderstood }
        return elements
    }

    /// - Throws: `notUnderstood` if it is none of these.
    func read<Element>(_ object: JSONObject, _ make: (JSONObject) -> Element?) throws(ManagementError) -> Element {
        guard let element = make(object) else { throw notUnderstood }
        return element
    }
}
