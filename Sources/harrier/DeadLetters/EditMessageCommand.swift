import ArgumentParser
import Foundation

/// `harrier dlq edit`.
struct EditMessageCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Publish an edited copy of a message; the original goes when that has been acknowledged.",
        discussion: """
            A message is edited as a JSON document with headers, properties, body, and body_encoding, which says whether the \
            body is json (an object or an array), text or base64: with a patch (RFC 6902), from a file, or, if neither is \
            given, in $VISUAL or $EDITOR. What is not changed stays as it is to the byte.

            The copy gets the headers x-edited-by, x-edited-at, x-original-queue and x-original-id. Until it has been \
            acknowledged, the original stays where it is, and can be neither edited again nor moved; if the copy becomes a \
            dead letter, it is that which can be edited. `harrier dlq edits` lists both.

            harrier dlq edit orders.dead 17 --patch '[{"op": "replace", "path": "/body/quantity", "value": 2}]'
            harrier dlq edit orders.dead 17 --to-queue orders.repaired
            harrier dlq edit orders.dead 17 --show > 17.json
            harrier dlq edit orders.dead 17 --document 17.json
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @OptionGroup
    var destination: DestinationOptions

    @Option(help: ArgumentHelp("A JSON patch (RFC 6902), or @ and the file that it is in.", valueName: "json|@file"))
    var patch: String?

    @Option(help: ArgumentHelp("The edited document, from a file.", valueName: "file"))
    var document: String?

    @Option(help: ArgumentHelp("The edited body, whatever it is, from a file.", valueName: "file"))
    var body: String?

    @Flag(help: "Print the document, and publish nothing.")
    var show = false

    @Option(help: "table; json: one array; ndjson: one object on a line.")
    var output = ListOutput.table

    @Argument(help: "The queue.")
    var queue: String

    @Argument(help: "The message's id, as browse shows it.")
    var id: String

    func validate() throws {
        guard [patch != nil, document != nil, body != nil, show].count(where: { $0 }) <= 1 else {
            throw ValidationError("only one of --patch, --document, --body and --show can be meant")
        }
    }

    func run(_ client: ManagementClient) async throws {
        var fields = destination.fields
        if let patch {
            fields["patch"] = try Self.json(
                try patch.hasPrefix("@") ? Self.file(String(patch.dropFirst())) : Data(patch.utf8))
        } else if let document {
            fields["document"] = try Self.json(try Self.file(document))
        } else if let body {
            fields["patch"] = [
                ["op": "replace", "path": "/body_encoding", "value": "base64"],
                ["op": "replace", "path": "/body", "value": try Self.file(body).base64EncodedString()],
            ]
        } else {
            let original = try await client.object(path("document"))
            let text = Self.pretty(original)
            guard !show else { return StandardStream.output.writeLine(text) }
            let edited = try EditorSession.edit(text + "\n")
            guard edited != text + "\n" else {
                StandardStream.error.writeLine("nothing has been changed, and nothing published")
                return
            }
            fields["document"] = try Self.json(Data(edited.utf8))
        }
        let edit = try await client.post(path("edit"), ManagementObject(fields))
        output.print([edit]) { ListEditsCommand.table([edit]) }
    }

    private func path(_ last: String) -> [String] { ["dlq", broker.vhost, queue, "messages", id, last] }

    private static func pretty(_ document: ManagementObject) -> String {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try? JSONSerialization.data(withJSONObject: document.fields, options: options)
        // Each line by itself: the ends of lines are ours.
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self).split(separator: "\n")
            .map { TerminalText.escapedJSON(String($0)) }.joined(separator: "\n")
    }

    private static func file(_ name: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(filePath: name))
        } catch let error as CocoaError {
            StandardStream.error.writeLine("harrier: \(name): \(error.localizedDescription)")
            throw ExitCode.failure
        }
    }

    private static func json(_ data: Data) throws -> Any {
        guard let value = try? JSONSerialization.jsonObject(with: data) else {
            StandardStream.error.writeLine("harrier: what was edited is no JSON")
            throw ExitCode(2)
        }
        return value
    }
}
