import ArgumentParser

/// `harrier queues browse`: messages in any state, with no effect on them.
struct BrowseQueueCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "browse",
        abstract: "Look at messages of a queue, with no effect on them.",
        discussion: """
            Messages are shown in the queue's order, whatever their state, and neither taken nor marked. An id is stable: \
            it names the message in this queue as long as it is there. What is not shown is told on standard error, with the \
            cursor to go on from.

            harrier queues browse orders --state ready --body text --limit 5
            harrier queues browse orders --state unacked,undeliverable --output ndjson
            """
    )

    enum Body: String, CaseIterable, ExpressibleByArgument {
        case none, text, base64, json
    }

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "States, with commas between them: ready, unacked, delayed, undeliverable. All by default.")
    var state: String?

    @Option(help: "How many messages.")
    var limit = 20

    @Option(help: "Where to begin: what an earlier call told.")
    var cursor: String?

    @Option(help: "How bodies are shown, up to 64 KiB of each: none, text, base64, json.")
    var body = Body.text

    @Option(help: "table; json: one array; ndjson: an object on a line for each message.")
    var output = ListOutput.table

    @Argument(help: "The queue.")
    var queue: String

    private static let states: Set<Substring> = ["ready", "unacked", "delayed", "undeliverable"]
    private static let bodyCharactersMax = 60

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is at least 1") }
        guard Set(state?.split(separator: ",") ?? []).isSubset(of: Self.states), state?.isEmpty != true else {
            throw ValidationError("--state: expected some of ready, unacked, delayed, undeliverable")
        }
    }

    func run(_ client: ManagementClient) async throws {
        let query = [("body", body.rawValue)] + (state.map { [("state", $0)] } ?? [])
        let page = try await PagedItems(
            client, ["queues", broker.vhost, queue, "messages"], query, limit: limit, cursor: cursor)
        output.print(page.items) { table(page.items) }
        page.report(as: "messages")
    }

    private func table(_ messages: [ManagementObject]) -> TextTable {
        var table = TextTable([
            .init(title: "ID"), .init(title: "STATE"), .init(title: "EXCHANGE"), .init(title: "ROUTING KEY"),
            .init(title: "BYTES", isNumber: true), .init(title: "BODY"),
        ])
        for message in messages {
            table.add([
                message.text("id") ?? "", message.text("state") ?? "", message.text("exchange") ?? "",
                message.text("routing_key") ?? "", message.integer("payload_bytes").map { "\($0)" } ?? "",
                String(bodyText(message).prefix(Self.bodyCharactersMax)),
            ])
        }
        return table
    }

    private func bodyText(_ message: ManagementObject) -> String {
        if let text = message.text("payload") { return text }
        guard let payload = message.fields["payload"] else { return "" }
        // Parsed JSON, which is shown as the text that it would be.
        return ManagementObject(["": payload]).line.dropFirst(4).dropLast().description
    }
}
