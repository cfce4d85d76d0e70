import ArgumentParser
import Broker
import BrokerServer
import Definitions

/// `harrier definitions check FILE…`: finds what is wrong in definition files, without a running broker.
struct CheckDefinitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find what is wrong in definition files, without a running broker.",
        discussion: """
            Prints every error of all files with its place, and exits with 1 if there is any. Several files, or a \
            folder, are checked together, as `harrier serve` would load them on an empty data folder: what they name \
            and do not define is an error unless every broker has it.
            """
    )

    @Argument(help: "Definition files (.json, .yaml, .yml), or folders of them.")
    var paths: [String]

    func run() async throws {
        do {
            let found = try DefinitionLoader.load(paths: paths)
            try BlankBroker.tryOut(found, extensions: BrokerExtensions(plugins: Plugins.extensions))
            StandardStream.output.writeLine(
                "fine: \(found.vhosts.count) vhosts, \(found.users.count) users, \(found.exchanges.count) exchanges, "
                    + "\(found.queues.count) queues, \(found.bindings.count) bindings")
        } catch {
            StandardStream.error.writeLine("\(error)")
            throw ExitCode.failure
        }
    }
}
