import ArgumentParser
import HarrierManagement

/// `harrier dlq bin`.
struct ListBinCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "bin",
        abstract: "Look at messages that have been deleted and can be restored.",
        discussion: """
            The headers x-deleted-from, -at, -by and -task say where each had been, and who has deleted it when; with --output \
            ndjson they are shown, and expires_at, until when it can be restored.

            harrier dlq bin --filter 'header.x-deleted-from = orders.dead'
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "Which messages; see `harrier help dlq browse`.")
    var filter: MessageFilterText?

    @Option(help: "How many messages.")
    var limit = 20

    @Option(help: "Where to begin: what an earlier call told.")
    var cursor: String?

    @Option(help: "How bodies are shown: none, text, base64, hex, json.")
    var body = BrowseQueueCommand.Body.text

    @Option(help: "table; json: one array; ndjson: an object on a line for each message.")
    var output = ListOutput.table

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is at least 1") }
    }

    func run(_ client: ManagementClient) async throws {
        let query = [("body", body.rawValue)] + (filter.map { [("filter", $0.text)] } ?? [])
        let page = try await PagedItems(
            client, ["dlq-bin", broker.vhost, "messages"], query, limit: limit, cursor: cursor)
        output.print(page.items) { BrowseQueueCommand.table(page.items, body) }
        page.reportAlways(as: "message")
    }
}
