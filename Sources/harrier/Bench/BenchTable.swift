import LoadGenerator

/// Columns of text.
enum BenchTable {
    /// The first column to the left, numbers to the right.
    static func text(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
        }
        let lines = rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }
        return lines.joined(separator: "\n")
    }

    static func cell(_ metric: LoadMetric) -> String {
        metric.value.map { BenchNumber.text($0, decimals: metric.decimals) } ?? "-"
    }
}
