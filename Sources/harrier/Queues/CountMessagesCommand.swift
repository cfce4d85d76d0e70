import ArgumentParser
import HarrierManagement

/// `harrier queues count`, `harrier dlq count`.
struct CountMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Count messages of a queue, with no effect on them.",
        discussion: """
            The whole queue is looked at, from the cursor on.

            harrier dlq count orders.dead --filter 'reason = rejected and death.age > 2h'
            """
    )

    @OptionGroup
    var messages: MessageSelection

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    var broker: ManagementURLOption { messages.broker }

    func run(_ client: ManagementClient) async throws {
        var (matched, scanned, undecided, bytes) = (0, 0, 0, 0)
        var cursor = messages.cursor
        repeat {
            let query = messages.query + (cursor.map { [("cursor", $0)] } ?? [])
            let part = try await client.object(messages.path("count"), query, isLong: true)
            matched += part.integer("matched") ?? 0
            scanned += part.integer("scanned") ?? 0
            undecided += part.integer("undecided") ?? 0
            bytes += part.integer("bytes") ?? 0
            cursor = part.text("cursor")
        } while cursor != nil
        let counts: JSONObject = [
            "matched": JSONValue(matched), "scanned": JSONValue(scanned), "undecided": JSONValue(undecided),
            "bytes": JSONValue(bytes), "is_complete": true,
        ]
        output.print([counts]) {
            var table = TextTable(
                ["MATCHED", "SCANNED", "UNDECIDED", "BYTES"].map { .init(title: $0, isNumber: true) })
            table.add(["\(matched)", "\(scanned)", "\(undecided)", "\(bytes)"])
            return table
        }
        StandardStream.error.writeLine(
            ScanReport(
                shown: ScanReport.count(matched, "message") + (matched == 1 ? " matches" : " match"), scanned: scanned,
                undecided: undecided, cursor: nil
            ).text)
    }
}
