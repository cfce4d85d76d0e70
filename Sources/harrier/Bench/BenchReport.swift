import LoadGenerator

/// Writes results to standard output, in the form that was asked for.
struct BenchReport: Sendable {
    /// What two brokers are called.
    static let letters = ["A", "B"]
    /// What is shown of each round in a table.
    private static let roundMetrics = [
        "publish_rate", "delivery_rate", "latency_us.p50", "latency_us.p99", "confirm_latency_us.p99",
        "client.cpu_us_per_message", "broker.cpu_us_per_message", "broker.rss_mib",
    ]

    let output: BenchOutput
    let progress: BenchProgressLine?
    /// Rounds so far, of both brokers, for what is written at the end.
    private var rounds: [(letter: String, round: Int, result: LoadResult)] = []

    init(output: BenchOutput, progress: BenchProgressLine?) {
        self.output = output
        self.progress = progress
    }

    // MARK: On the way

    /// `title` says which run it is, if there are several.
    func progress(_ progress: LoadProgress, of title: String) {
        if output == .ndjson { StandardStream.output.writeLine(BenchJSON.text(progress)) }
        self.progress?.show(progress, of: title)
    }

    func progressEnded() { progress?.clear() }

    // MARK: Results

    func single(_ result: LoadResult, of broker: BenchBroker) {
        switch output {
        case .table:
            StandardStream.output.writeLine(
                BenchTable.text(result.metrics.map { [$0.name, BenchTable.cell($0)] }))
        case .json, .ndjson:
            StandardStream.output.writeLine(
                BenchJSON.text(result, of: broker, type: output == .ndjson ? "result" : nil))
        }
    }

    mutating func round(_ round: Int, letter: String, _ result: LoadResult, of broker: BenchBroker) {
        rounds.append((letter, round, result))
        switch output {
        case .table:
            let metrics = result.metrics.filter { Self.roundMetrics.contains($0.name) && $0.value != nil }
            let numbers = metrics.map { "\($0.name) \(BenchTable.cell($0))" }
            StandardStream.output.writeLine("\(letter) \(round)  \(numbers.joined(separator: "  "))")
        case .json: break
        case .ndjson:
            StandardStream.output.writeLine(
                BenchJSON.text(result, of: broker, type: "result", letter: letter, round: round))
        }
    }

    func comparison(_ comparison: LoadComparison, of brokers: [BenchBroker]) {
        switch output {
        case .table:
            var rows = [["median of \(comparison.first.count)", "A", "B", "B/A"]]
            for line in comparison.lines {
                let ratio = line.ratio.map { BenchNumber.text($0, decimals: 3) } ?? "-"
                rows.append([line.first.name, BenchTable.cell(line.first), BenchTable.cell(line.second), ratio])
            }
            for (letter, broker) in zip(Self.letters, brokers) {
                StandardStream.output.writeLine("\(letter) is \(broker.name)")
            }
            StandardStream.output.writeLine(BenchTable.text(rows))
        case .json: StandardStream.output.writeLine(BenchJSON.text(comparison, of: brokers, rounds: rounds))
        case .ndjson: StandardStream.output.writeLine(BenchJSON.text(comparison, of: brokers, rounds: nil))
        }
    }
}
