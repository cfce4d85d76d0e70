import ArgumentParser
import HarrierManagement

/// `harrier dlq task`.
struct TaskCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Tell of a move, wait for its end, pause it, let it go on, or cancel it.",
        discussion: """
            What has been moved stays moved. Ends as `harrier dlq move` does, but for a change that was asked for: that is 0.

            harrier dlq task 3
            harrier dlq task 3 pause
            harrier dlq task 3 wait
            """
    )

    enum Action: String, CaseIterable, ExpressibleByArgument {
        case show, wait, pause, resume, cancel
    }

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The task.")
    var id: Int

    @Argument(help: "show, wait, pause, resume or cancel.")
    var action = Action.show

    func run(_ client: ManagementClient) async throws {
        let path = ["dlq-tasks", broker.vhost, "\(id)"]
        let report = TaskReport(client: client, vhost: broker.vhost, output: output)
        switch action {
        case .show:
            let task = try await client.object(path)
            report.show(task)
            try TaskReport.end(task)
        case .wait: try await report.run(try await client.object(path), waits: true)
        case .pause, .resume, .cancel:
            let changed = try await client.postForObject(path + [action.rawValue])
            report.show(action == .resume ? changed : try await report.settled(changed, from: "running"))
        }
    }
}
