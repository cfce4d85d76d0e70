import ArgumentParser

/// `harrier queues`: what is in a broker's queues.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "List queues, and look at their messages.",
        subcommands: [
            ListQueuesCommand.self, BrowseQueueCommand.self, CountMessagesCommand.self, GroupMessagesCommand.self,
        ]
    )
}
