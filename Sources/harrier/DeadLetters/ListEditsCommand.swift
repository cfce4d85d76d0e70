import ArgumentParser
import HarrierManagement

/// `harrier dlq edits`.
struct ListEditsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "edits",
        abstract: "List edits of messages, the newest first: who, what, and whether the copy has been acknowledged.",
        discussion: """
            under_way: the copy is in the queues that are listed; done: it has been acknowledged, and the original is gone; \
            copy_lost: it is gone without that (expired, purged, deleted), and the original stays.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each edit.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let edits = try await client.list(["dlq-edits", broker.vhost])
        output.print(edits) { Self.table(edits) }
    }

    static func table(_ edits: [JSONObject]) -> TextTable {
        var table = TextTable([
            .init(title: "EDIT", isNumber: true), .init(title: "QUEUE"), .init(title: "MESSAGE", isNumber: true),
            .init(title: "STATUS"), .init(title: "COPY IN"), .init(title: "BY"), .init(title: "STARTED"),
        ])
        for edit in edits {
            table.add([
                edit.text("id") ?? "", edit.text("queue") ?? "", edit.text("message") ?? "", edit.text("status") ?? "",
                Self.copies(edit), edit.text("user") ?? "",
                ListScheduledCommand.time(edit.integer("started_at")),
            ])
        }
        return table
    }

    private static func copies(_ edit: JSONObject) -> String {
        let queues = edit.texts("copies") ?? []
        return queues.isEmpty ? "-" : queues.joined(separator: ", ")
    }
}
