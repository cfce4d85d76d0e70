import ArgumentParser
import HarrierManagement

/// `harrier dlq check`.
struct CheckDeadLettersCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for dead letters that would get stuck, go round, or be lost, in topology and policies.",
        discussion:
            "Ends with 0 if there is no error, warnings or not, with 3 if there is one, and with 1 if nobody knows."
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each finding.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let problems = try await client.list(["dlq-check", broker.vhost])
        // A table without rows says less than a sentence.
        guard !problems.isEmpty || output != .table else {
            return StandardStream.error.writeLine("nothing is wrong with where dead letters go")
        }
        output.print(problems) {
            var table = TextTable([.init(title: "SEVERITY"), .init(title: "QUEUE"), .init(title: "FINDING")])
            for problem in problems {
                table.add([
                    problem.text("severity") ?? "", problem.text("queue") ?? "", problem.text("text") ?? "",
                ])
            }
            return table
        }
        if problems.contains(where: { $0.text("severity") == "error" }) { throw ExitCode(3) }
    }
}
