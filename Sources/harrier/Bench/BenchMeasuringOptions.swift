import ArgumentParser

/// What is measured besides, and how it is told.
struct BenchMeasuringOptions: ParsableArguments {
    @Option(help: "The broker's process on this machine, to measure its processor time and memory.")
    var pid: Int32?

    @Option(
        help: ArgumentHelp("A second broker: both get the same load, in alternation.", valueName: "url"))
    var against: String?

    @Option(help: "The second broker's process.")
    var againstPid: Int32?

    @Option(help: "How often each of two brokers gets the load; the medians of all rounds are compared.")
    var rounds: Int?

    @Option(help: "table; json: one object; ndjson: an object for each second, and for each result, as they come.")
    var output = BenchOutput.table

    @Flag(
        inversion: .prefixedNo,
        help: "Tell on standard error each second how it goes. Without either, if that is a terminal.")
    var progress: Bool?

    /// Of each broker's rounds.
    static let roundsMax = 1000

    var roundCount: Int { rounds ?? 3 }

    func validate() throws {
        if against == nil {
            guard rounds == nil else { throw ValidationError("--rounds goes with --against") }
            guard againstPid == nil else { throw ValidationError("--against-pid goes with --against") }
        }
        guard (1...Self.roundsMax).contains(roundCount) else {
            throw ValidationError("--rounds is 1 to \(Self.roundsMax), not \(roundCount)")
        }
    }

    /// `nil` if nobody is to be told.
    func makeProgressLine() -> BenchProgressLine? {
        let isTerminal = StandardStream.error.isTerminal
        return progress ?? isTerminal ? BenchProgressLine(isTerminal: isTerminal) : nil
    }
}
