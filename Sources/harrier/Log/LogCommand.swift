import ArgumentParser

/// `harrier log`: look into a data folder, without a broker.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look into a data folder, without a broker.",
        subcommands: [CheckLogCommand.self, DumpLogCommand.self]
    )
}
