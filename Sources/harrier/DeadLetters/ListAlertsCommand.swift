import ArgumentParser
import HarrierManagement

/// `harrier dlq alerts`.
struct ListAlertsCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "List what somebody is to know of dead letters now.",
        discussion: """
            Policies with keys dead-letter-alert-… say when: the first dead letter, many in a second, old ones, no consumer. Dead \
            letters with nowhere to go are always told of, and queues whose deliveries are paused since their consumers \
            reject too much. Ends with 0 if there is nothing, with 3 if there is something, and \
            with 1 if nobody knows.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each alert.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let alerts = try await client.list(["dlq-alerts", broker.vhost])
        // A table without rows says less than a sentence.
        guard !alerts.isEmpty || output != .table else {
            return StandardStream.error.writeLine("there is nothing that somebody has to know")
        }
        output.print(alerts) {
            var table = TextTable([
                .init(title: "QUEUE"), .init(title: "ALERT"), .init(title: "SINCE"), .init(title: "WHAT"),
            ])
            for alert in alerts {
                table.add([
                    alert.text("queue") ?? "", alert.text("alert") ?? "",
                    alert.integer("since").map { ListScheduledCommand.time($0) } ?? "-", alert.text("text") ?? "",
                ])
            }
            return table
        }
        if !alerts.isEmpty { throw ExitCode(3) }
    }
}
