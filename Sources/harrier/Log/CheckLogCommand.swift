import ArgumentParser
import SegmentLog

/// `harrier log check DIR`: verifies every record of a data folder.
struct CheckLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify every record of a data folder.",
        discussion: """
            Reads the whole log, changes nothing, and names every damaged place with file and offset. Exits with 1 if \
            there is any. A torn end is none: a crash leaves it, and the next start cuts it. No broker may be running on \
            the folder.
            """
    )

    @Argument(help: "The data folder.")
    var directory: String

    func run() async throws {
        let inspection: LogInspection
        do {
            inspection = try LogInspection(directory: directory) { _ in }
        } catch {
            StandardStream.error.writeLine("\(error)")
            throw ExitCode.failure
        }
        let report = inspection.report
        for place in report.damage {
            StandardStream.output.writeLine("damaged: \(place.file) at \(place.offset), \(place.byteCount) bytes")
        }
        if report.damageCount > report.damage.count {
            StandardStream.output.writeLine("damaged: \(report.damageCount - report.damage.count) more places")
        }
        if let tail = report.tornTail {
            StandardStream.output.writeLine("torn end: \(tail.file) at \(tail.offset), \(tail.byteCount) bytes")
        }
        if inspection.isCheckpointDamaged {
            StandardStream.output.writeLine(
                "damaged: \(directory)/checkpoint; the next start reads the whole log instead")
        }
        let checkpoint = inspection.checkpoint.map { "checkpoint at \($0.rawValue)" } ?? "no checkpoint"
        StandardStream.output.writeLine(
            "\(inspection.isSound ? "fine" : "damaged"): \(report.segments) segments, \(report.records) records, "
                + "\(report.bytes) bytes, \(checkpoint), end at \(inspection.end.rawValue)")
        if !inspection.isSound { throw ExitCode.failure }
    }
}
