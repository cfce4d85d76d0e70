import ArgumentParser

/// `harrier dlq`: dead letters.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Find dead letters.",
        subcommands: [ListDeadLettersCommand.self]
    )
}
