import ArgumentParser
import HarrierManagement

/// `harrier dlq undo`.
struct UndoTaskCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Bring back what a move or a deletion has taken away, as far as it is still there.",
        discussion: """
            What has been consumed meanwhile, or is in a consumer's hands, is left alone. Messages that a move has put into \
            several queues each can't be brought back: nobody could tell which of their copies have been consumed. Ends with 0 if all have come back, 3 if only some have.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each task.")
    var output = ListOutput.table

    @Argument(help: "The task, as `harrier dlq history` lists it.")
    var id: Int

    func run(_ client: ManagementClient) async throws {
        let path = ["dlq-tasks", broker.vhost, "\(id)"]
        let original = try await client.object(path)
        let begun = try await client.postForList(path + ["undo"])
        let report = TaskReport(client: client, vhost: broker.vhost, output: output)
        var ended: [JSONObject] = []
        for task in begun { ended.append(try await report.wait(for: task)) }
        output.print(ended) { TaskReport.table(ended) }
        for line in ended.flatMap(TaskReport.remarks) { StandardStream.error.writeLine(TerminalText.escaped(line)) }
        let (moved, back) = (original.integer("moved") ?? 0, ended.reduce(0) { $0 + ($1.integer("moved") ?? 0) })
        let rest = back < moved ? "; the others are not there any more, or in a consumer's hands" : ""
        StandardStream.error.writeLine("\(back) of \(moved) messages brought back\(rest)")
        for task in ended { try TaskReport.end(task) }
        if back < moved { throw ExitCode(3) }
    }
}
