import ArgumentParser
import HarrierManagement

/// `harrier dlq history`.
struct ListTasksCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List moves, deletions and restorations, the newest first: who, what, how far.",
        discussion: "Edits have a list of their own: `harrier dlq edits`.",
        aliases: ["tasks"])

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each task.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let tasks = try await client.list(["dlq-tasks", broker.vhost])
        output.print(tasks) { TaskReport.table(tasks) }
    }
}
