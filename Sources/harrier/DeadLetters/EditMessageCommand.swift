import ArgumentParser
import Foundation
import HarrierManagement
import LosslessJSON

/// `harrier dlq edit`.
struct EditMessageCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Publish an edited copy of a message; the original goes when that has been acknowledged.",
        discussion: """
            A message is edited as a JSON document with headers, properties, body, and body_encoding, which says whether the \
            body is json (an object or an array), text or base64: with a patch (RFC 6902), from a file, or, if neither is \
            given, in $VISUAL or $EDITOR. What is not changed stays as it is: headers keep their types, and a body its bytes. A JSON \
            body that is changed is written anew, with its names in order; numbers stay as they are written.

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
            let source = patch.hasPrefix("@") ? String(patch.dropFirst()) : "--patch"
            let value = try Self.json(patch.hasPrefix("@") ? try Self.file(source) : Data(patch.utf8), source)
            guard value != [] else { return Self.tellOfNoChange() }
            fields["patch"] = value
        } else if let document {
            fields["document"] = try Self.json(try Self.file(document), document)
        } else if let body {
            fields["patch"] = [
                ["op": "replace", "path": "/body_encoding", "value": "base64"],
                ["op": "replace", "path": "/body", "value": .string(try Self.file(body).base64EncodedString())],
            ]
        } else {
            let original = JSONValue.object(try await client.object(path("document")).fields)
            guard !show else { return StandardStream.output.writeLine(Self.pretty(original)) }
            return try await edit(original, fields, client)
        }
        try await publish(fields, client)
    }

    private func publish(_ fields: [String: JSONValue], _ client: ManagementClient) async throws {
        let edit = try await client.postForObject(path("edit"), JSONObject(fields))
        output.print([edit]) { ListEditsCommand.table([edit]) }
    }

    /// In the editor. What cannot be published is kept in its file: somebody has written it.
    private func edit(
        _ original: JSONValue, _ fields: [String: JSONValue], _ client: ManagementClient
    ) async throws {
        let message = try await client.object(["queues", broker.vhost, queue, "messages", id], [("body", "none")])
        if let edit = message.text("edit_id") {
            StandardStream.error.writeLine(
                "harrier: an edited copy of message \(TerminalText.escaped(id)) is under way: edit \(edit), see "
                    + "harrier dlq edits")
            throw ExitCode.failure
        }
        let text = Self.pretty(original) + "\n"
        let session = try EditorSession(text)
        var isAsked = false
        do {
            let edited = try session.edit()
            guard edited != text else {
                session.end()
                return Self.tellOfNoChange()
            }
            var fields = fields
            fields["document"] = try Self.json(Data(edited.utf8), session.file.path)
            isAsked = true
            try await publish(fields, client)
        } catch {
            if isAsked, !((error as? ManagementError)?.isRefusal ?? false) {
                StandardStream.error.writeLine(
                    "nobody knows whether it has been published: harrier dlq edits tells, before you try again")
            } else {
                StandardStream.error.writeLine("nothing has been published")
            }
            StandardStream.error.writeLine("what you have written is in \(session.file.path)")
            throw error
        }
        session.end()
    }

    private static func tellOfNoChange() {
        StandardStream.error.writeLine(
            "nothing is changed, and nothing was published; harrier dlq move publishes messages as they are")
    }

    private func path(_ last: String) -> [String] { ["dlq", broker.vhost, queue, "messages", id, last] }

    private static func pretty(_ document: JSONValue) -> String {
        // Each line by itself: the ends of lines are ours.
        document.prettyText.split(separator: "\n").map { TerminalText.escapedJSON(String($0)) }.joined(separator: "\n")
    }

    private static func file(_ name: String) throws -> Data {
        do {
            return try Data(contentsOf: URL(filePath: name))
        } catch let error as CocoaError {
            StandardStream.error.writeLine("harrier: \(name): \(error.localizedDescription)")
            throw ExitCode.failure
        }
    }

    /// - Parameter source: where it stands, for people.
    private static func json(_ data: Data, _ source: String) throws -> JSONValue {
        do {
            return try JSONValue(parsing: data)
        } catch {
            StandardStream.error.writeLine("harrier: \(source) is no JSON: \(error)")
            throw ExitCode(2)
        }
    }
}
