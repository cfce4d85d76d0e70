import ArgumentParser

/// `harrier dlq`: dead letters.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Find dead letters, look at them, and move them back.",
        subcommands: [
            ListDeadLettersCommand.self, BrowseQueueCommand.self, CountMessagesCommand.self, GroupMessagesCommand.self,
            MoveMessagesCommand.self, ListTasksCommand.self, TaskCommand.self,
        ]
    )
}
