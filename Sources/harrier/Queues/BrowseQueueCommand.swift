import ArgumentParser
import Foundation

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
        output.print(page.items) { table(page.items) }
        if let save { try await saveBodies(of: page.items, to: save, client) }
        page.reportAlways(as: "messages")
    }

    private func saveBodies(of items: [ManagementObject], to folder: String, _ client: ManagementClient) async throws {
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

    private func table(_ messages: [ManagementObject]) -> TextTable {
        var table = TextTable([
            .init(title: "ID"), .init(title: "STATE"), .init(title: "EXCHANGE"), .init(title: "ROUTING KEY"),
            .init(title: "BYTES", isNumber: true), .init(title: "BODY"),
        ])
        for message in messages {
            table.add([
                message.text("id") ?? "", Self.state(message), message.text("exchange") ?? "",
                message.text("routing_key") ?? "", message.integer("payload_bytes").map { "\($0)" } ?? "",
                String(bodyText(message).prefix(Self.bodyCharactersMax)),
            ])
        }
        return table
    }

    private static func state(_ message: ManagementObject) -> String {
        let state = message.text("state") ?? ""
        return message.text("edit_id").map { "\(state), edited (\($0))" } ?? state
    }

    private func bodyText(_ message: ManagementObject) -> String {
        if let text = message.text("payload") { return text }
        guard let payload = message.fields["payload"] else { return "" }
        // Parsed JSON, which is shown as the text that it would be.
        return ManagementObject(["": payload]).line.dropFirst(4).dropLast().description
    }
}
