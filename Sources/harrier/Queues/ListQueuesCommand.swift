import ArgumentParser
import HarrierManagement

/// `harrier queues list`.
struct ListQueuesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the queues of a virtual host.")

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each queue.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let queues = try await client.list(["queues", broker.vhost])
        output.print(queues) {
            var table = TextTable([
                .init(title: "NAME"), .init(title: "TYPE"), .init(title: "READY", isNumber: true),
                .init(title: "UNACKED", isNumber: true), .init(title: "DELAYED", isNumber: true),
                .init(title: "UNDELIVERABLE", isNumber: true), .init(title: "CONSUMERS", isNumber: true),
            ])
            for queue in queues {
                table.add(
                    [queue.text("name") ?? "", queue.text("type") ?? ""]
                        + [
                            "messages_ready", "messages_unacknowledged", "messages_delayed", "messages_undeliverable",
                            "consumers",
                        ].map { name in queue.integer(name).map { "\($0)" } ?? "-" })
            }
            return table
        }
    }
}
