import ArgumentParser
import Broker
import BrokerServer
import Definitions
import InMemoryLogging
import Logging

/// `harrier definitions check FILE…`: finds what is wrong in definition files, without a running broker.
struct CheckDefinitionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find what is wrong in definition files, without a running broker.",
        discussion: """
            Prints every error of all files with its place, and exits with 1 if there is any. Several files, or a \
            folder, are checked together, as `harrier serve` would load them on an empty data folder: what they name \
            and do not define is an error unless every broker has it. What is kept and has no effect is told as a \
            warning, and so are dead letters that would get stuck, go round or be lost, unless clients declare what is missing.
            """
    )

    @Argument(help: "Definition files (.json, .yaml, .yml), or folders of them.")
    var paths: [String]

    func run() async throws {
        do {
            let found = try DefinitionLoader.load(paths: paths)
            let log = InMemoryLogHandler()
            let problems = try BlankBroker.tryOut(
                found, extensions: BrokerExtensions(plugins: Plugins.extensions),
                logger: Logger(label: "check") { _ in log })
            for entry in log.entries where entry.level >= .warning {
                let about = entry.metadata.sorted { $0.key < $1.key }.map { "\($0.key) '\($0.value)'" }
                StandardStream.output.writeLine("warning: \(entry.message) (\(about.joined(separator: ", ")))")
            }
            for (host, problem) in problems {
                StandardStream.output.writeLine(
                    "warning: queue '\(problem.queue)' in virtual host '\(host)': \(problem.text)")
            }
            StandardStream.output.writeLine(
                "fine: \(found.vhosts.count) vhosts, \(found.users.count) users, \(found.exchanges.count) exchanges, "
                    + "\(found.queues.count) queues, \(found.bindings.count) bindings, "
                    + "\(found.policies.count + found.operatorPolicies.count) policies")
        } catch {
            StandardStream.error.writeLine("\(error)")
            throw ExitCode.failure
        }
    }
}
