import ArgumentParser

/// `harrier scheduled`: messages that wait for their time.
struct ScheduledCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduled",
        abstract: "List and cancel messages that are to be delivered later.",
        subcommands: [ListScheduledCommand.self, CancelScheduledCommand.self]
    )
}
