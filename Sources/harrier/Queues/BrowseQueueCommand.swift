import ArgumentParser
import Foundation
import HarrierManagement

/// `harrier queues browse`, `harrier dlq browse`: messages in any state, with no effect on them.
struct BrowseQueueCommand: OverAMQPCommand {
    static let configuration = CommandConfiguration(
        commandName: "browse",
        abstract: "Look at messages of a queue, with no effect on them.",
        discussion: """
            Messages are shown in the queue's order, whatever their state, and neither taken nor marked. An id is stable: \
            it names the message in this queue as long as it is there. How much of the queue was looked at is told on \
            standard error, with the cursor to go on from if that is not all.

            harrier queues browse orders --state ready --body text --limit 5
            harrier queues browse orders --state unacked,undeliverable --output ndjson
            harrier dlq browse orders.dead --filter 'reason = rejected and header.x-error ~ timeout' --save bodies

            With --url amqp://… it works on any AMQP 0-9-1 broker, but not without effects, which it says before it begins: \
            messages are fetched and given back.

            harrier dlq browse orders.dead --url amqp://localhost:5673 --limit 5
            """
    )

    enum Body: String, CaseIterable, ExpressibleByArgument {
        case none, text, base64, hex, json
    }

    @OptionGroup
    var messages: MessageSelection

    @Option(help: "How many messages.")
    var limit = 20

    @Option(help: "How bodies are shown, up to 64 KiB of each: none, text, base64, hex, json.")
    var body = Body.text

    @Option(
        help: ArgumentHelp("Write each whole body to a file of its own there, named by its id.", valueName: "folder"))
    var save: String?

    @Option(help: "table; json: one array; ndjson: an object on a line for each message.")
    var output = ListOutput.table

    private static let bodyCharactersMax = 60

    var broker: ManagementURLOption { messages.broker }

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is at least 1") }
    }

    func run(_ client: ManagementClient) async throws {
        let page = try await PagedItems(
            client, messages.path(), [("body", body.rawValue)] + messages.query, limit: limit, cursor: messages.cursor)
        output.print(page.items) { Self.table(page.items, body) }
        if let save { try await saveBodies(of: page.items, to: save, client) }
        page.reportAlways(as: "message")
    }

    private func saveBodies(of items: [JSONObject], to folder: String, _ client: ManagementClient) async throws {
        let folder = URL(filePath: folder, directoryHint: .isDirectory)
        var gone = 0
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for id in items.compactMap({ $0.text("id") }) where id.allSatisfy(\.isNumber) {
                if let bytes = try await client.bytesIfThere(messages.path(id, "body")) {
                    try Data(bytes).write(to: folder.appending(path: id))
                } else {
                    gone += 1
                }
            }
        } catch let error as CocoaError {
            StandardStream.error.writeLine("harrier: --save: \(error.localizedDescription)")
            throw ExitCode.failure
        }
        if gone > 0 {
            StandardStream.error.writeLine("\(gone) messages have left the queue meanwhile and were not saved")
        }
    }

    static func table(_ messages: [JSONObject], _ body: Body) -> TextTable {
        let deaths = messages.map { $0.object("properties")?.object("headers")?.objects("x-death")?.first }
        // Columns of their own only where something has died.
        let hasDeaths = deaths.contains { $0 != nil } || messages.contains { $0.text("undeliverable_reason") != nil }
        var table = TextTable(
            [.init(title: "ID"), .init(title: "STATE")]
                + (hasDeaths ? [.init(title: "REASON"), .init(title: "DIED IN"), .init(title: "FIRST DIED")] : []) + [
                    .init(title: "EXCHANGE"), .init(title: "ROUTING KEY"), .init(title: "BYTES", isNumber: true),
                    .init(title: "BODY"),
                ])
        for (message, death) in zip(messages, deaths) {
            let time = death?.integer("time").map { ListScheduledCommand.time(seconds: $0) }
            table.add(
                [message.text("id") ?? "", state(message)]
                    + (hasDeaths
                        ? [
                            message.text("undeliverable_reason") ?? death?.text("reason") ?? "-",
                            death?.text("queue") ?? "-", time ?? "-",
                        ] : []) + [
                        message.text("exchange") ?? "", message.text("routing_key") ?? "",
                        message.integer("payload_bytes").map { "\($0)" } ?? "",
                        TerminalText.cut(bodyText(message, body), to: bodyCharactersMax),
                    ])
        }
        return table
    }

    private static func state(_ message: JSONObject) -> String {
        let state = message.text("state") ?? ""
        return message.text("edit_id").map { "\(state), edited (\($0))" } ?? state
    }

    private static func bodyText(_ message: JSONObject, _ body: Body) -> String {
        let encoding = message.text("payload_encoding")
        guard let payload = message["payload"] else { return "" }
        // JSON that was parsed is shown as the text that it would be.
        guard encoding != "json", let text = payload.string else { return payload.line }
        return encoding == "base64" && body != .base64 ? "(base64) \(text)" : text
    }
}
