import ArgumentParser

/// Which messages of a queue a command is about.
struct MessageSelection: ParsableArguments {
    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "States, with commas between them: ready, unacked, delayed, undeliverable. All by default.")
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Which messages: reason = rejected and death.age > 2h, header.x-error ~ timeout, $.order.id = 7, id in (1, 2)…",
            discussion: """
                Fields: reason, source, death.reason/queue/exchange/key/count/age, first.reason…, deaths, redriven, \
                exchange, key, age, size, redelivered, delivery_count, id, all properties (priority, message_id, \
                content_type…), header.NAME, body, $.json.path. Comparisons: = != < <= > >= ~ !~ in, like (*, ?), topic \
                (*, #), contains, exists; and, or, not, parentheses.
                """))
    var filter: MessageFilterText?

    @Option(help: "Where to begin: what an earlier call told.")
    var cursor: String?

    @Argument(help: "The queue.")
    var queue: String

    private static let states: Set<Substring> = ["ready", "unacked", "delayed", "undeliverable"]

    func validate() throws {
        guard Set(state?.split(separator: ",") ?? []).isSubset(of: Self.states), state?.isEmpty != true else {
            throw ValidationError("--state: expected some of ready, unacked, delayed, undeliverable")
        }
    }

    /// What the API is asked with, but for the cursor.
    var query: [(String, String)] {
        [("state", state), ("filter", filter?.text)].compactMap { name, value in value.map { (name, $0) } }
    }

    func path(_ rest: String...) -> [String] { ["queues", broker.vhost, queue, "messages"] + rest }
}
