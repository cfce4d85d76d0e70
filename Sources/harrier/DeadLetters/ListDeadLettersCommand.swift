import ArgumentParser
import HarrierManagement

/// `harrier dlq list`.
struct ListDeadLettersCommand: OverAMQPCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the queues that dead letters come to, and those that hold dead letters nobody takes.",
        discussion: """
            Dead-letter queues are found from the topology and the policies in force, and any queues by their names: * stands \
            for any text, ? for one character.

            harrier dlq list
            harrier dlq list 'orders.*' '*_error'

            The kind is dead-letters for a queue that dead letters come to, by-name for another one that is asked for by its \
            name, undeliverable for one whose own dead letters have nowhere to go, and paused for one whose deliveries are \
            paused since its consumers reject too much. LAST MIN is how many dead letters have come within the last minute. \
            REASONS are what the first 1000 messages died of; behind them stands + if there are more messages.

            Ends with 0, 3 if no queue has one of the names, 1 if none has any of them.

            With --url amqp://… it works on any AMQP 0-9-1 broker, for queues whose names are given whole:

            harrier dlq list --url amqp://localhost:5673 orders.dead payments.dead
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each queue.")
    var output = ListOutput.table

    @Argument(help: "Only queues with these names; * is any text, ? one character. Over AMQP whole names.")
    var queues: [String] = []

    func run(_ client: ManagementClient) async throws {
        var items: [JSONObject] = []
        var seen: Set<[String]> = []
        var missing = 0
        for name in queues.isEmpty ? [nil] : queues.map({ $0 }) {
            let answer = try await client.object(["dlq", broker.vhost], name.map { [("pattern", $0)] } ?? [])
            let found = Self.rows(answer)
            items += found.filter { seen.insert([$0.text("kind") ?? "", $0.text("name") ?? ""]).inserted }
            if let name, found.isEmpty {
                missing += 1
                StandardStream.error.writeLine(
                    "harrier: no queue '\(TerminalText.escaped(name))' in virtual host "
                        + "'\(TerminalText.escaped(broker.vhost))'")
            }
        }
        output.print(items) { Self.table(items) }
        if missing > 0 { throw ExitCode(items.isEmpty ? 1 : 3) }
    }

    /// The queues of an answer's lists, each with its kind.
    private static func rows(_ answer: JSONObject) -> [JSONObject] {
        func marked(_ list: String, _ kind: (JSONObject) -> String) -> [JSONObject] {
            (answer.objects(list) ?? []).map { queue in
                var fields = queue.fields
                fields["kind"] = .string(kind(queue))
                return JSONObject(fields)
            }
        }
        return marked("queues") { $0.boolean("is_dead_letter_queue") ? "dead-letters" : "by-name" }
            + marked("undeliverable") { _ in "undeliverable" } + marked("paused") { _ in "paused" }
    }

    private static func table(_ queues: [JSONObject]) -> TextTable {
        // A column of its own only where a policy moves something.
        let hasRedrives = queues.contains { $0.object("redrive") != nil }
        var table = TextTable(
            [
                .init(title: "NAME"), .init(title: "KIND"), .init(title: "MESSAGES", isNumber: true),
                .init(title: "OLDEST", isNumber: true), .init(title: "LAST MIN", isNumber: true),
                .init(title: "CONSUMERS", isNumber: true),
            ] + (hasRedrives ? [.init(title: "MOVED BACK")] : []) + [.init(title: "REASONS"), .init(title: "SOURCES")])
        for queue in queues {
            let isUndeliverable = queue.text("kind") == "undeliverable"
            let messages = queue.integer(isUndeliverable ? "messages_undeliverable" : "messages")
            let sources = (queue.objects("sources") ?? []).compactMap { $0.text("queue") }
            table.add(
                [
                    queue.text("name") ?? "", queue.text("kind") ?? "", number(messages),
                    age(queue.integer(isUndeliverable ? "undeliverable_age_ms" : "oldest_message_age_ms")),
                    number(queue.integer("dead_letters_last_minute")),
                    number(queue.integer("consumers")),
                ] + (hasRedrives ? [redrive(queue)] : [])
                    + [reasons(queue), sources.isEmpty ? "-" : sources.joined(separator: ", ")])
        }
        return table
    }

    private static func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "-" }

    /// The most frequent first.
    private static func reasons(_ queue: JSONObject) -> String {
        guard let reasons = queue.object("reasons"), !reasons.fields.isEmpty else { return "-" }
        let counts = reasons.fields.keys.map { ($0, reasons.integer($0) ?? 0) }
        let texts = counts.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.map { "\($0.0) \($0.1)" }
        return texts.joined(separator: ", ") + (queue.boolean("reasons_is_complete") ? "" : " +")
    }

    private static func redrive(_ queue: JSONObject) -> String {
        guard let redrive = queue.object("redrive") else { return "-" }
        let every = "every \(age(redrive.integer("every_ms")))"
        return redrive.text("running_task").map { "\(every), task \($0)" } ?? every
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
