import ArgumentParser

/// `harrier definitions`: work with definition files.
struct DefinitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "definitions",
        abstract: "Work with definition files.",
        subcommands: [CheckDefinitionsCommand.self]
    )
}
