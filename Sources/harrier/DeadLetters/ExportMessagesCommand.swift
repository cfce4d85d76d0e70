import ArgumentParser
import Foundation
import HarrierManagement
import LosslessJSON

/// `harrier dlq export`.
struct ExportMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Write messages with everything that belongs to them, one JSON object on a line, with no effect on them.",
        discussion: """
            What was written can be imported again, here or elsewhere: bodies are whole, and properties_encoded has the \
            properties without loss. --redact takes headers out of both, and fields out of JSON bodies; where a body has no \
            fields that anybody could tell, it is left out as a whole, and import passes the message over.

            harrier dlq export orders.dead > dead.ndjson
            harrier dlq export orders.dead --redact authorization --redact '$.customer.card' > dead.ndjson
            """
    )

    @OptionGroup
    var messages: MessageSelection

    @Option(
        help: ArgumentHelp(
            "Leave this header out, or this field of JSON bodies, which becomes \"redacted\". May stand several times.",
            valueName: "header|$.field"))
    var redact: [String] = []

    @Option(help: "How many messages at the most.")
    var limit = Int.max

    var broker: ManagementURLOption { messages.broker }

    /// Bytes of a body that come with the page; what is larger is asked for on its own.
    private static let inlineBytesMax = 1 << 20

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit is at least 1") }
        _ = try MessageRedaction(redact)
    }

    func run(_ client: ManagementClient) async throws {
        let query = messages.query + [("body", "text"), ("export", "true"), ("truncate", "\(Self.inlineBytesMax)")]
        var (written, scanned, undecided) = (0, 0, 0)
        var cursor = messages.cursor
        var redaction = try MessageRedaction(redact)
        repeat {
            let page = try await PagedItems(
                client, messages.path(), query, limit: min(200, limit - written), cursor: cursor, isOnePage: true)
            for item in page.items {
                guard let line = try await whole(item, &redaction, client) else { continue }
                StandardStream.output.writeLine(line)
                written += 1
            }
            scanned += page.scanned
            undecided += page.undecided
            cursor = page.cursor
        } while cursor != nil && written < limit
        let report = ScanReport(
            shown: "\(ScanReport.count(written, "message")) exported", scanned: scanned, undecided: undecided,
            cursor: cursor)
        StandardStream.error.writeLine(report.text)
        guard !redaction.isEmpty else { return }
        StandardStream.error.writeLine("something was taken out of \(redaction.count) of them")
        if redaction.withoutBodyCount > 0 {
            StandardStream.error.writeLine(
                "\(redaction.withoutBodyCount) are without their bodies, which are no JSON that could be redacted")
        }
    }

    /// The message with its whole body; nil if it has gone before that was read.
    private func whole(
        _ item: JSONObject, _ redaction: inout MessageRedaction, _ client: ManagementClient
    ) async throws -> String? {
        var fields = item.fields
        if item.boolean("payload_truncated"), let id = item.text("id") {
            guard let body = try await client.bytesIfThere(messages.path(id, "body")) else { return nil }
            let text = String(validating: body, as: UTF8.self)
            fields["payload"] = .string(text ?? Data(body).base64EncodedString())
            fields["payload_encoding"] = text == nil ? "base64" : "string"
            fields["payload_truncated"] = false
        }
        redaction.redact(&fields)
        return JSONObject(fields).line
    }
}
