import ArgumentParser

/// `harrier dlq`: dead letters.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq",
        abstract: "Find dead letters, look at them, correct them, move them back, or delete them.",
        subcommands: [
            ListDeadLettersCommand.self, BrowseQueueCommand.self, CountMessagesCommand.self, GroupMessagesCommand.self,
            MoveMessagesCommand.self, EditMessageCommand.self, ListEditsCommand.self, DeleteMessagesCommand.self,
            RestoreMessagesCommand.self, ListBinCommand.self, ListTasksCommand.self,
            TaskCommand.self, UndoTaskCommand.self, ExportMessagesCommand.self, ImportMessagesCommand.self,
            WhyCommand.self, CheckDeadLettersCommand.self, ListAlertsCommand.self, ResumeDeliveriesCommand.self,
        ]
    )
}
