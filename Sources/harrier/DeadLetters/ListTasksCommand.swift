import ArgumentParser

/// `harrier dlq tasks`.
struct ListTasksCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks",
        abstract: "List the moves that run or have run, the newest first.")

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each task.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let tasks = try await client.list(["dlq-tasks", broker.vhost])
        output.print(tasks) { TaskReport.table(tasks) }
    }
}
