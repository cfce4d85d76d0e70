import ArgumentParser
import HarrierManagement

/// `harrier dlq why`.
struct WhyCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract:
            "Tell how a message has come to where it is: each death, its reason, and what holds for those queues now.",
        discussion: "harrier dlq why orders.dead 17"
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The queue.")
    var queue: String

    @Argument(help: "The message's id, as browse shows it.")
    var id: String

    func run(_ client: ManagementClient) async throws {
        let path = try await client.object(["queues", broker.vhost, queue, "messages", id, "why"])
        output.print([path]) {
            var table = TextTable([
                .init(title: "DIED IN"), .init(title: "REASON"), .init(title: "TIMES", isNumber: true),
                .init(title: "FIRST"), .init(title: "CAME BY EXCHANGE"), .init(title: "KEYS"),
                .init(title: "THE QUEUE NOW"),
            ])
            // In the order in which it has happened.
            for death in (path.objects("deaths") ?? []).reversed() {
                table.add([
                    death.text("queue") ?? "", death.text("reason") ?? "",
                    death.integer("count").map { "\($0)" } ?? "",
                    ListScheduledCommand.time(seconds: death.integer("first_at_seconds")),
                    death.text("exchange") ?? "",
                    (death.texts("routing_keys") ?? []).joined(separator: ", "), Self.now(death),
                ])
            }
            if let reason = path.text("undeliverable_reason") {
                table.add([
                    path.text("queue") ?? "", "\(reason), and nobody takes it", "1",
                    ListScheduledCommand.time(seconds: path.integer("undeliverable_at_seconds")),
                    path.text("exchange") ?? "",
                    path.text("routing_key") ?? "", Self.now(path),
                ])
            }
            return table
        }
        guard output == .table else { return }
        if path.objects("deaths")?.isEmpty != false, path.text("undeliverable_reason") == nil {
            StandardStream.error.writeLine(
                "it has not died, as far as its headers tell: it was published to this queue")
        }
        guard let count = path.integer("redriven_count") else { return }
        let user = path.text("redriven_by") ?? ""
        StandardStream.error.writeLine(
            "moved back \(count) times, last by \(TerminalText.escaped(user)) in task "
                + TerminalText.escaped(path.text("redriven_task") ?? ""))
    }

    private static func now(_ object: JSONObject) -> String {
        guard let now = object.object("queue_now") else { return "the queue is gone" }
        var parts: [String] = []
        if let policy = now.text("policy") { parts.append("policy \(policy)") }
        if let exchange = now.text("dead_letter_exchange") { parts.append("dead letters to '\(exchange)'") }
        if let key = now.text("dead_letter_routing_key") { parts.append("key '\(key)'") }
        for (name, title) in [
            ("message_ttl_ms", "ttl ms"), ("max_length", "max length"), ("delivery_limit", "delivery limit"),
        ] {
            if let number = now.integer(name) { parts.append("\(title) \(number)") }
        }
        return parts.joined(separator: ", ")
    }
}
