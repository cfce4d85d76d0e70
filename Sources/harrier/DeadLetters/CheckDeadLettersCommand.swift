import ArgumentParser

/// `harrier dlq check`.
struct CheckDeadLettersCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for dead letters that would get stuck, go round, or be lost, in topology and policies.",
        discussion: "Ends with 0 if there is no error, warnings or not, else with 1."
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Option(help: "table; json: one array; ndjson: an object on a line for each finding.")
    var output = ListOutput.table

    func run(_ client: ManagementClient) async throws {
        let problems = try await client.list(["dlq-check", broker.vhost])
        output.print(problems) {
            var table = TextTable([.init(title: "SEVERITY"), .init(title: "QUEUE"), .init(title: "FINDING")])
            for problem in problems {
                table.add([
                    problem.text("severity") ?? "", problem.text("queue") ?? "", problem.text("text") ?? "",
                ])
            }
            return table
        }
        if problems.contains(where: { $0.text("severity") == "error" }) { throw ExitCode.failure }
    }
}
