import ArgumentParser

/// `harrier dlq list`.
struct ListDeadLettersCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the queues that dead letters come to, and those that hold dead letters nobody takes.",
        discussion: """
            Dead-letter queues are found from the topology and the policies in force. The kind is dead-letters for such a \
            queue, and undeliverable for one whose own dead letters have nowhere to go.
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each queue.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let answer = try await client.object(["dlq", broker.vhost])
        let queues = answer.objects("queues") ?? []
        let undeliverable = answer.objects("undeliverable") ?? []
        let items =
            queues.map { Self.marked($0, "dead-letters") } + undeliverable.map { Self.marked($0, "undeliverable") }
        output.print(items) {
            var table = TextTable([
                .init(title: "NAME"), .init(title: "KIND"), .init(title: "MESSAGES", isNumber: true),
                .init(title: "OLDEST", isNumber: true), .init(title: "CONSUMERS", isNumber: true),
                .init(title: "SOURCES"),
            ])
            for queue in queues {
                table.add([
                    queue.text("name") ?? "", "dead-letters", queue.integer("messages").map { "\($0)" } ?? "",
                    Self.age(queue.integer("oldest_message_age_ms")),
                    queue.integer("consumers").map { "\($0)" } ?? "",
                    (queue.objects("sources") ?? []).compactMap { $0.text("queue") }.joined(separator: ", "),
                ])
            }
            for queue in undeliverable {
                table.add([
                    queue.text("name") ?? "", "undeliverable",
                    queue.integer("messages_undeliverable").map { "\($0)" } ?? "", "-", "-", "-",
                ])
            }
            return table
        }
    }

    private static func marked(_ queue: ManagementObject, _ kind: String) -> ManagementObject {
        var fields = queue.fields
        fields["kind"] = kind
        return ManagementObject(fields)
    }

    /// The largest unit that gives a number above one.
    static func age(_ milliseconds: Int?) -> String {
        guard let milliseconds else { return "-" }
        let seconds = milliseconds / 1000
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
