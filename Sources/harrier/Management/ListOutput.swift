import ArgumentParser
import HarrierManagement

/// How a listing is printed.
enum ListOutput: String, CaseIterable, ExpressibleByArgument {
    /// Columns for people.
    case table
    /// One array.
    case json
    /// An object on a line for each.
    case ndjson

    /// - Parameter table: makes the columns, if they are asked for.
    func print(_ items: [JSONObject], table: () -> TextTable) {
        switch self {
        case .table: for line in table().lines { StandardStream.output.writeLine(line) }
        case .ndjson: for item in items { StandardStream.output.writeLine(item.line) }
        case .json:
            let lines = items.map(\.line).joined(separator: ",\n")
            StandardStream.output.writeLine(items.isEmpty ? "[]" : "[\n\(lines)\n]")
        }
    }
}
