import ArgumentParser

/// `harrier dlq`: dead letters.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Find dead letters, and look at them.",
        subcommands: [
            ListDeadLettersCommand.self, BrowseQueueCommand.self, CountMessagesCommand.self, GroupMessagesCommand.self,
        ]
    )
}
