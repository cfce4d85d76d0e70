import ArgumentParser
import Broker
import SegmentLog

/// `harrier log dump DIR`: shows the records of a data folder.
struct DumpLogCommand: AsyncParsableCommand {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case table
        case ndjson
    }

    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Show the records of a data folder, oldest first.",
        discussion: """
            One line a record: its position in the log, its kind, its size, and what it says. Bodies are not shown. No \
            broker may be running on the folder.
            """
    )

    @Argument(help: "The data folder.")
    var directory: String

    @Option(help: "table, for people, or ndjson: one JSON object a line.")
    var output = Output.table

    @Option(help: "Only records of this kind: message, settle, topology, start, commit, standing, requeue, discard.")
    var kind: String?

    @Option(help: "Only records from this position on.")
    var from: UInt64 = 0

    @Option(help: "At most so many records.")
    var count: Int?

    func run() async throws {
        var shown = 0
        do {
            _ = try LogInspection(directory: directory) { record in
                let summary = RecordSummary(record)
                guard summary.position >= from, kind == nil || kind == summary.kind, shown < count ?? .max else {
                    return
                }
                shown += 1
                StandardStream.output.writeLine(output == .table ? Self.row(summary) : Self.json(summary))
            }
        } catch {
            StandardStream.error.writeLine("\(error)")
            throw ExitCode.failure
        }
    }

    private static func row(_ summary: RecordSummary) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let kind = summary.isMember ? summary.kind + "*" : summary.kind
        return "\(padded("\(summary.position)", 16)) \(padded(kind, 9)) \(padded("\(summary.byteCount)", 8))  "
            + summary.text
    }

    private static func json(_ summary: RecordSummary) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("position")
            writer.integer(summary.position)
            writer.name("kind")
            writer.string(summary.kind)
            writer.name("bytes")
            writer.integer(summary.byteCount)
            writer.name("member")
            writer.boolean(summary.isMember)
            writer.name("text")
            writer.string(summary.text)
        }
        return writer.text
    }
}
