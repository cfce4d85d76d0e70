import ArgumentParser

/// `harrier dlq undo`.
struct UndoTaskCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Bring back what a move or a deletion has taken away, as far as it is still there.",
        discussion: """
            What has been consumed meanwhile, or is in a consumer's hands, is left alone. Messages that a move has put into \
            several queues each can't be brought back: nobody could tell which of their copies have been consumed.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each task.")
    var output = ListOutput.table

    @Argument(help: "The task, as `harrier dlq history` lists it.")
    var id: Int

    func run(_ client: ManagementClient) async throws {
        let begun = try await client.postForList(["dlq-tasks", broker.vhost, "\(id)", "undo"])
        let report = TaskReport(client: client, vhost: broker.vhost, output: output)
        var ended: [ManagementObject] = []
        for task in begun { ended.append(try await report.wait(for: task)) }
        output.print(ended) { TaskReport.table(ended) }
        for task in ended { try TaskReport.end(task) }
    }
}
