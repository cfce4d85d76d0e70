import ArgumentParser
import Foundation
import HarrierManagement

/// `harrier scheduled list`.
struct ListScheduledCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List messages that wait for their time, in the order in which they were published.")

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "How many messages.")
    var limit = 100

    @Option(help: "Where to begin: what an earlier call told.")
    var cursor: String?

    @Option(help: "table; json: one array; ndjson: an object on a line for each message.")
    var output = ListOutput.table

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is at least 1") }
    }

    func run(_ client: ManagementClient) async throws {
        let page = try await PagedItems(client, ["scheduled", broker.vhost], [], limit: limit, cursor: cursor)
        output.print(page.items) {
            var table = TextTable([
                .init(title: "ID"), .init(title: "DELIVER AT"), .init(title: "EXCHANGE"), .init(title: "ROUTING KEY"),
                .init(title: "BYTES", isNumber: true),
            ])
            for message in page.items {
                table.add([
                    message.text("id") ?? "", Self.time(message.integer("deliver_at")), message.text("exchange") ?? "",
                    message.text("routing_key") ?? "", message.integer("payload_bytes").map { "\($0)" } ?? "",
                ])
            }
            return table
        }
        page.report(as: "message")
    }

    /// The same without a fraction, where nobody knows it.
    static func time(seconds: Int?) -> String {
        seconds.map { Date(timeIntervalSince1970: Double($0)).formatted(.iso8601) } ?? ""
    }

    /// In UTC, as ISO 8601 has it.
    static func time(_ milliseconds: Int?) -> String {
        guard let milliseconds else { return "" }
        // Of a fraction of a second as a double, a formatter would cut off a millisecond.
        let seconds = time(seconds: milliseconds / 1000)
        return seconds.dropLast() + ".\(String("\(1000 + milliseconds % 1000)".dropFirst()))Z"
    }
}
