import ArgumentParser
import HarrierManagement

/// `harrier queues group`, `harrier dlq group`.
struct GroupMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "group",
        abstract: "Tell what messages of a queue have in common, with no effect on them.",
        discussion: """
            The largest groups come first, with the times at which the first and the last of their messages came, and the \
            id of one of them. What is not listed is in the row (other).

            harrier dlq group orders.dead --by header.x-exception-message
            harrier dlq group orders.dead --by '$.order.country' --filter 'reason = rejected'
            """
    )

    @OptionGroup
    var messages: MessageSelection

    @Option(help: "A field, as filters name it: reason, source, key, header.NAME, $.json.path…")
    var by: [String]

    @Option(help: "How many groups are listed, 1 to 1000.")
    var limit = 50

    @Option(help: "How many messages are looked at, at the most.")
    var scan = 100_000_000

    @Option(help: "table; json: one array; ndjson: an object on a line for each group.")
    var output = ListOutput.table

    var broker: ManagementURLOption { messages.broker }

    func validate() throws {
        guard by.count == 1 else { throw ValidationError("--by: one field, of which messages have one value each") }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000") }
        guard (1...100_000_000).contains(scan) else { throw ValidationError("--scan is 1 to 100000000") }
    }

    func run(_ client: ManagementClient) async throws {
        var query = messages.query + [("by", by[0]), ("limit", "\(limit)"), ("scan", "\(scan)")]
        if let cursor = messages.cursor { query.append(("cursor", cursor)) }
        let answer = try await client.object(messages.path("groups"), query, isLong: true)
        var groups = answer.objects("items") ?? []
        if var other = answer.object("other") {
            other["is_other"] = true
            groups.append(other)
        }
        output.print(groups) {
            var table = TextTable([
                .init(title: "KEY"), .init(title: "MESSAGES", isNumber: true), .init(title: "BYTES", isNumber: true),
                .init(title: "FIRST SEEN"), .init(title: "LAST SEEN"), .init(title: "SAMPLE ID", isNumber: true),
            ])
            for group in groups {
                table.add([
                    group.boolean("is_other") ? "(other)" : group.text("key") ?? "(none)",
                    group.integer("messages").map { "\($0)" } ?? "", group.integer("bytes").map { "\($0)" } ?? "",
                    ListScheduledCommand.time(group.integer("first_seen")),
                    ListScheduledCommand.time(group.integer("last_seen")), group.text("sample_id") ?? "",
                ])
            }
            return table
        }
        let count = answer.integer("group_count") ?? 0
        let isLimit = answer.boolean("group_count_is_limit")
        let groupsText = (isLimit ? "more than " : "") + ScanReport.count(count, "group")
        StandardStream.error.writeLine(
            ScanReport(
                shown: "\(groupsText) of \(ScanReport.count(answer.integer("matched") ?? 0, "message"))",
                scanned: answer.integer("scanned") ?? 0, undecided: answer.integer("undecided") ?? 0,
                cursor: answer.text("cursor")
            ).text)
    }
}
